import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { peakBytesOf, resetPeakOf } from './process-memory.ts'

/** What an engine's process is started with; it reads it as JSON. */
export interface EngineConfig {
  readonly threads: number
  /** Where Millrace runs its jobs; threads of its process if it is not said. */
  readonly master?: string | undefined
  /** A limit such as `1g`, for engines that take one. */
  readonly memory?: string | undefined
  /** Files by the name of the table. */
  readonly tables: Readonly<Record<string, string>>
}

/** One thing to do; `op` tells the engine what the rest means. */
export interface EngineRequest {
  readonly op: string
  readonly name: string
  readonly [detail: string]: unknown
}

/** What an engine answers: how long it took, and what is compared. */
export interface EngineReply {
  readonly seconds: number
  readonly count?: number
  readonly sum?: number | null
  readonly rows?: readonly (readonly (string | null)[])[]
  /** Bytes of files that were read, where the engine tells. */
  readonly bytesRead?: number
  /** What else was measured, by name. */
  readonly details?: Readonly<Record<string, number>>
}

/** What does work when asked. */
export interface Engine {
  readonly name: string
  readonly version: string
  /** Does one thing. Throws what the engine reports. */
  request(request: EngineRequest, timeoutMs: number): Promise<EngineReply>
  /** From here on the peak is counted anew. */
  resetPeak(): void
  /** Most resident memory since the last reset, of all processes of the engine. */
  peakBytes(): number
  stop(): Promise<void>
}

/** How to start an engine. */
export interface EngineProgram {
  readonly name: string
  readonly command: string
  readonly env?: Readonly<Record<string, string>>
  readonly args: readonly string[]
}

/** How long an engine may take to start. */
const SAID_MOST = 4000
const START_TIMEOUT_MS = 120_000

/**
 * An engine in a process of its own, driven line by line. A process that ends or takes too long is an error
 * of that request; the next one starts another process.
 */
export class EngineProcess implements Engine {
  readonly name: string
  /** Known once the process has started. */
  version = ''
  readonly #program: EngineProgram
  readonly #config: EngineConfig
  #running: Running | null = null

  private constructor(program: EngineProgram, config: EngineConfig) {
    this.name = program.name
    this.#program = program
    this.#config = config
  }

  static async start(program: EngineProgram, config: EngineConfig): Promise<EngineProcess> {
    const engine = new EngineProcess(program, config)
    await engine.#start()
    return engine
  }

  async request(request: EngineRequest, timeoutMs: number): Promise<EngineReply> {
    const running = this.#running ?? (await this.#start())
    running.child.stdin!.write(`${JSON.stringify(request)}\n`)
    const reply = (await this.#line(running, timeoutMs)) as EngineReply & { readonly error?: string }
    if (reply.error !== undefined) throw new Error(reply.error)
    return reply
  }

  resetPeak(): void {
    for (const pid of this.#running?.pids ?? []) resetPeakOf(pid)
  }

  peakBytes(): number {
    return (this.#running?.pids ?? []).reduce((sum, pid) => sum + peakBytesOf(pid), 0)
  }

  /** Ends the process and waits for its end. */
  async stop(): Promise<void> {
    const running = this.#running
    if (running === null) return
    running.child.stdin!.end()
    const timer = setTimeout(() => running.child.kill('SIGKILL'), 10_000)
    await running.exited
    clearTimeout(timer)
  }

  async #start(): Promise<Running> {
    const { command, args, env } = this.#program
    const child = spawn(command, [...args, JSON.stringify(this.#config)], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    })
    const exited = new Promise<void>((resolve, reject) => {
      child.once('error', (cause) => reject(new Error(`cannot start ${command}: ${cause.message}`)))
      child.once('exit', () => {
        this.#running = null
        resolve()
      })
    })
    exited.catch(() => {}) // Whoever waits for a line hears of it.
    // Libraries are talkative: what they say matters when the process fails.
    const running: Running = { child, exited, lines: linesOf(child), said: '', pids: [] }
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      running.said = (running.said + text).slice(-SAID_MOST)
    })
    child.stdin.on('error', () => {}) // A process that has ended is seen at its output.
    this.#running = running
    const hello = (await this.#line(running, START_TIMEOUT_MS)) as {
      readonly version: string
      readonly pids?: readonly number[]
    }
    this.version = hello.version
    running.pids = [child.pid!, ...(hello.pids ?? [])]
    return running
  }

  async #line(running: Running, timeoutMs: number): Promise<unknown> {
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      running.child.kill('SIGKILL')
    }, timeoutMs)
    try {
      for (;;) {
        const { value, done } = await running.lines.next()
        if (done === true) {
          await running.exited
          throw new Error(
            isLate ? `not done in ${timeoutMs / 1000} s` : `${this.name} ended\n${running.said}`,
          )
        }
        // Libraries print notices of their own.
        if (value.startsWith('{')) return JSON.parse(value)
      }
    } finally {
      clearTimeout(timer)
    }
  }
}

function linesOf(child: ChildProcess): AsyncIterator<string> {
  return createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
}

interface Running {
  readonly child: ChildProcess
  readonly lines: AsyncIterator<string>
  readonly exited: Promise<void>
  /** The end of its standard error. */
  said: string
  pids: readonly number[]
}
