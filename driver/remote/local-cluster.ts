import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { EngineError } from '../../engine/errors.ts'

/** How long the driver may take to listen. */
const START_MS = 30_000
/** How long a process may take to end by itself. */
const END_MS = 5000
/** Characters of what a process wrote that are kept, for errors. */
const KEPT_OUTPUT = 4000

export interface LocalClusterOptions {
  readonly workers: number
  /** Of each worker. */
  readonly threads: number
  /** Of each worker, for rows. */
  readonly memoryBytes: number
  /** Below it lie the local folders of the workers; the system's temporary folder if none is given. */
  readonly localDir?: string | undefined
  /** What a worker is started through, such as `ip netns exec NAME`, by its number; for tests. */
  readonly through?: (index: number) => readonly string[]
  /** More flags of the driver and of each worker, for tests. */
  readonly driverFlags?: readonly string[]
  readonly workerFlags?: readonly string[]
}

/** A process of the cluster and the end of what it wrote. */
export interface ClusterProcess {
  readonly child: ChildProcess
  /** Resolves when it has ended. */
  readonly ended: Promise<void>
  output(): string
}

/**
 * A driver and workers as processes of this machine, on loopback, with a token that only they know: it goes
 * to them over standard input, and they end when that does, so that none is left when this process dies.
 */
export class LocalCluster {
  /** `host:port` of the driver. */
  readonly address: string
  readonly token: string
  readonly driver: ClusterProcess
  readonly workers: ClusterProcess[] = []
  readonly #options: LocalClusterOptions
  readonly #folder: string

  private constructor(
    address: string,
    token: string,
    driver: ClusterProcess,
    folder: string,
    options: LocalClusterOptions,
  ) {
    this.address = address
    this.token = token
    this.driver = driver
    this.#folder = folder
    this.#options = options
  }

  /** Resolves when the driver listens; the workers register soon after. */
  static async start(options: LocalClusterOptions): Promise<LocalCluster> {
    const token = randomBytes(32).toString('base64url')
    const folder = mkdtempSync(join(options.localDir ?? tmpdir(), 'millrace-cluster-'))
    const state = ['--state-dir', join(folder, 'driver')]
    const flags = ['--listen', '127.0.0.1:0', ...state, ...(options.driverFlags ?? [])]
    const driver = startProcess([], ['driver', ...flags], token)
    try {
      const address = await addressOf(driver)
      const cluster = new LocalCluster(address, token, driver, folder, options)
      for (let index = 0; index < options.workers; index++) cluster.startWorker()
      return cluster
    } catch (error) {
      await end(driver)
      rmSync(folder, { recursive: true, force: true })
      throw error
    }
  }

  /** One worker more; a number names its local folder. */
  startWorker(index: number = this.workers.length, flags: readonly string[] = []): ClusterProcess {
    const { threads, memoryBytes, workerFlags = [], through } = this.#options
    const size = ['--threads', String(threads), '--memory', String(memoryBytes)]
    const local = ['--local-dir', join(this.#folder, `worker-${index}`)]
    const place = ['--driver', this.address, ...local]
    const all = ['worker', ...place, ...size, ...workerFlags, ...flags]
    const worker = startProcess(through?.(index) ?? [], all, this.token)
    this.workers.push(worker)
    return worker
  }

  /** Ends all processes and removes their folders. */
  async close(): Promise<void> {
    await Promise.all(this.workers.map(end))
    await end(this.driver)
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

function startProcess(through: readonly string[], args: readonly string[], token: string): ClusterProcess {
  const [command = process.execPath, ...first] = [...through, process.execPath]
  const child = spawn(command, [...first, program(), ...args, '--token-stdin'], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: cleanEnvironment(),
  })
  let output = ''
  const keep = (text: string): void => {
    output = (output + text).slice(-KEPT_OUTPUT)
  }
  child.stdout.setEncoding('utf8').on('data', keep)
  child.stderr.setEncoding('utf8').on('data', keep)
  child.stdin.on('error', () => {}) // It has ended; `ended` tells.
  child.stdin.write(`${token}\n`)
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', (error) => {
      keep(error.message)
      resolve()
    })
  })
  return { child, ended, output: () => output }
}

/** What the driver writes when it listens. */
const LISTENS = /listens on (\S+:\d+)/

async function addressOf(driver: ClusterProcess): Promise<string> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, START_MS)
  })
  const listens = new Promise<void>((resolve) => {
    driver.child.stdout?.on('data', () => {
      if (LISTENS.test(driver.output())) resolve()
    })
  })
  await Promise.race([late, listens, driver.ended])
  clearTimeout(timer)
  const address = LISTENS.exec(driver.output())?.[1]
  if (address !== undefined) return address
  throw new EngineError('CLUSTER_UNREACHABLE', 'the driver of the local cluster did not start', {
    hint: `It wrote: ${driver.output().trim()}`,
  })
}

/** First by the end of standard input, which they heed, then by force. */
async function end({ child, ended }: ClusterProcess): Promise<void> {
  child.stdin?.end()
  const timer = setTimeout(() => child.kill('SIGKILL'), END_MS)
  child.kill('SIGCONT') // One that was stopped would not hear.
  await ended
  clearTimeout(timer)
}

/** The program of the command line: built, also when this module itself runs from its source. */
function program(): string {
  const places = ['../cli/main.js', '../../cli/main.js', '../../dist/cli/main.js']
  const found = places.map((place) => new URL(place, import.meta.url)).find((url) => existsSync(url))
  if (found !== undefined) return fileURLToPath(found)
  throw new EngineError('INTERNAL_ERROR', 'the program of the command line is missing', {
    hint: 'Build the package first: npm run build.',
  })
}

/** Without settings that are the program's own. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('MILLRACE_'))
  return Object.fromEntries(own)
}
