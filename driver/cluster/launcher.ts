import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a launcher starts, and how many of it. */
export interface LauncherOptions {
  readonly min: number
  readonly max: number
  /** Program and arguments of a worker that keeps its files in a folder. */
  command(localDir: string): readonly [program: string, ...args: string[]]
  /** Goes to each worker as the first line of its standard input. */
  readonly token: string
  /** Below it lie the folders of the workers. */
  readonly folder: string
  /** Takes a worker out of service; it ends by itself when nothing of it is needed. */
  decommission(workerId: string): boolean
  /** Whether a worker has nothing to do, so that it is the one to go. */
  isIdle(workerId: string): boolean
  /** A line of what a worker wrote, for the log. */
  onOutput(line: string): void
}

interface Launched {
  readonly index: number
  readonly child: ChildProcess
  readonly localDir: string
  readonly ended: Promise<void>
  isLeaving: boolean
}

/** A worker that ended by itself is started again after this pause; it doubles while they end at once. */
const PAUSE_MS = 500
const LONGEST_PAUSE_MS = 30_000
/** One that ran for so long did not end at once. */
const LIVED_MS = 10_000
const END_MS = 5000

/** Starts and stops workers on the host of the driver, as many as are wanted, within bounds. */
export class Launcher {
  readonly #options: LauncherOptions
  readonly #workers = new Set<Launched>()
  #wanted: number
  #pauseMs = PAUSE_MS
  #timer: NodeJS.Timeout | null = null
  #isClosed = false

  constructor(options: LauncherOptions) {
    this.#options = options
    this.#wanted = options.min
    this.#adjust()
  }

  /** How many workers run, without those that leave. */
  get count(): number {
    return [...this.#workers].filter(({ isLeaving }) => !isLeaving).length
  }

  /** So many workers would be of use. */
  want(count: number): void {
    this.#wanted = Math.min(this.#options.max, Math.max(this.#options.min, count))
    this.#adjust()
  }

  #adjust(): void {
    if (this.#isClosed || this.#timer !== null) return
    while (this.count < this.#wanted) if (!this.#tryStart()) return
    const surplus = this.count - this.#wanted
    if (surplus <= 0) return
    const staying = [...this.#workers].filter(({ isLeaving }) => !isLeaving).reverse()
    const { isIdle, decommission } = this.#options
    const known = staying.map((worker) => ({ worker, workerId: workerIdOf(worker.localDir) }))
    const idle = known.filter(({ workerId }) => workerId !== null && isIdle(workerId))
    for (const { worker, workerId } of [...idle, ...known.filter((each) => !idle.includes(each))].slice(
      0,
      surplus,
    ))
      if (workerId !== null && decommission(workerId)) worker.isLeaving = true
      else this.#end(worker)
  }

  /** False if the system does not let us; then it is tried again later. */
  #tryStart(): boolean {
    try {
      this.#start()
      return true
    } catch (error) {
      this.#options.onOutput(`a worker cannot be started: ${error instanceof Error ? error.message : error}`)
      this.#adjustLater()
      return false
    }
  }

  #start(): void {
    const used = new Set([...this.#workers].map(({ index }) => index))
    let index = 0
    while (used.has(index)) index++
    const localDir = join(this.#options.folder, `worker-${index}`)
    mkdirSync(localDir, { recursive: true, mode: 0o700 })
    const [program, ...args] = this.#options.command(localDir)
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], env: cleanEnvironment() })
    const startedMs = performance.now()
    child.stdin.on('error', () => {}) // It has ended; `exit` tells.
    child.stdin.write(`${this.#options.token}\n`)
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        for (const line of text.split('\n')) if (line !== '') this.#options.onOutput(line)
      })
    const ended = new Promise<void>((resolve) => {
      child.once('exit', () => resolve())
      child.once('error', (error) => {
        this.#options.onOutput(error.message)
        resolve()
      })
    })
    const worker: Launched = { index, child, localDir, ended, isLeaving: false }
    this.#workers.add(worker)
    void ended.then(() => this.#onEnd(worker, performance.now() - startedMs))
  }

  #onEnd(worker: Launched, livedMs: number): void {
    this.#workers.delete(worker)
    if (this.#isClosed || worker.isLeaving) return this.#adjust()
    if (livedMs > LIVED_MS) this.#pauseMs = PAUSE_MS
    this.#adjustLater()
  }

  #adjustLater(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null
      this.#adjust()
    }, this.#pauseMs)
    this.#pauseMs = Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2)
  }

  #end(worker: Launched): void {
    worker.isLeaving = true
    worker.child.stdin?.end()
    worker.child.kill('SIGTERM')
  }

  /** Ends all workers. */
  async close(): Promise<void> {
    this.#isClosed = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    await Promise.all(
      [...this.#workers].map(async (worker) => {
        this.#end(worker)
        const timer = setTimeout(() => worker.child.kill('SIGKILL'), END_MS)
        await worker.ended
        clearTimeout(timer)
      }),
    )
  }
}

/** Under what name the worker of a folder registers; null before it has a name. */
function workerIdOf(localDir: string): string | null {
  try {
    return readFileSync(join(localDir, 'worker-id'), 'utf8').trim()
  } catch {
    return null
  }
}

/** Without settings and secrets of the driver. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('MILLRACE_')))
}
