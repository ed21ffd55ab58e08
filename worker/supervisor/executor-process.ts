import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { type ExecutorConfig, executorEntry } from '../executor/index.ts'

/** What an executor may know of the worker's surroundings: nothing secret. */
const KEPT_VARIABLES = ['PATH', 'HOME', 'TZ', 'LANG']

/** Of what it writes to its standard error, so much is kept to explain its end. */
const TAIL_BYTES = 4096

/** Whoever does not end when asked to is killed after this. */
const STOP_MS = 10_000

/** An executor's JavaScript memory, beside its memory for rows, is at least this. */
const LEAST_HEAP_MB = 512

/** One executor as its supervisor sees it. */
export class ExecutorProcess {
  readonly executorId: string
  readonly sessionId: string
  /** Resolves with the reason when the process has ended. */
  readonly ended: Promise<string>
  readonly #child: ChildProcessByStdio<Writable, null, Readable>
  #tail = ''
  #killTimer: NodeJS.Timeout | undefined

  constructor(config: ExecutorConfig) {
    this.executorId = config.executorId
    this.sessionId = config.sessionId
    const heapMb = Math.max(LEAST_HEAP_MB, Math.floor(config.memoryBytes / 2 ** 20))
    const args = [`--max-old-space-size=${heapMb}`, executorEntry()]
    this.#child = spawn(process.execPath, args, {
      env: cleanEnvironment(),
      stdio: ['pipe', 'ignore', 'pipe'],
    })
    const { stdin, stderr } = this.#child
    // It may be gone before it has read; its end says so.
    stdin.on('error', () => {})
    stdin.write(`${JSON.stringify(config)}\n`)
    stderr.setEncoding('utf8')
    stderr.on('data', (text: string) => {
      this.#tail = (this.#tail + text).slice(-TAIL_BYTES)
    })
    this.ended = new Promise((resolve) => {
      this.#child.once('error', (error) => resolve(`it could not be started: ${error.message}`))
      // `close` comes when its standard error has been read too.
      this.#child.once('close', (code, signal) => resolve(this.#reason(code, signal)))
    })
    void this.ended.then(() => clearTimeout(this.#killTimer))
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** Asks it to end, or, with `kill`, ends it at once. */
  stop(kill: boolean): void {
    if (kill) {
      this.#child.kill('SIGKILL')
      return
    }
    this.#child.stdin.end()
    this.#killTimer ??= setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS)
  }

  #reason(code: number | null, signal: NodeJS.Signals | null): string {
    if (/heap out of memory|allocation failed|ERR_WORKER_OUT_OF_MEMORY/i.test(this.#tail))
      return `${signal === null ? `exit code ${code}` : `signal ${signal}`}: out of memory`
    const words = this.#tail.trim().split('\n').slice(-3).join(' | ')
    const how = signal === null ? `exit code ${code}` : `signal ${signal}`
    return words === '' ? how : `${how}: ${words}`
  }
}

function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    KEPT_VARIABLES.flatMap((name) => {
      const value = process.env[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )
}
