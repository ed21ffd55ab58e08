import { createReadStream, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { appendFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { EngineError } from '../../engine/errors.ts'
import type { ClusterObserver, TimedRecord } from './job-events.ts'

/** Ending of the log of a job that has ended … */
const ENDED = '.jsonl'
/** … and of one that runs, or whose driver was lost. */
const RUNNING = '.running.jsonl'

/** How long records wait, so that many go to the disk together. */
const WAIT_MS = 100
/** Records that wait for a disk that is slow; more are not logged, and counted. */
const MOST_WAITING_BYTES = 64 * 1024 * 1024

export interface EventLogOptions {
  readonly folder: string
  /** Hears once if the log cannot be written; jobs go on without it. */
  onError(error: EngineError): void
}

/**
 * Writes what happens as JSON lines: a file for each job, `SESSION-NUMBER.jsonl`, and one for everything
 * else, `driver-TIME.jsonl`. The history of a job can be made of its file.
 */
export class EventLog {
  readonly observe: ClusterObserver
  readonly #options: EventLogOptions
  readonly #cluster: string
  /** By file: lines that wait. */
  readonly #waiting = new Map<string, string[]>()
  readonly #ended = new Set<string>()
  #waitingBytes = 0
  #writing: Promise<void> | null = null
  #timer: NodeJS.Timeout | null = null
  #isBroken = false

  constructor(options: EventLogOptions) {
    this.#options = options
    mkdirSync(options.folder, { recursive: true })
    this.#cluster = join(options.folder, `driver-${Date.now()}${RUNNING}`)
    this.observe = (record) => this.#add(record)
  }

  #add(record: TimedRecord): void {
    if (this.#isBroken) return
    const file = 'jobId' in record ? this.#fileOf(record.jobId) : this.#cluster
    const line = `${JSON.stringify(record)}\n`
    this.#waitingBytes += line.length
    if (this.#waitingBytes > MOST_WAITING_BYTES)
      return this.#fail(new Error(`the disk is too slow: ${this.#waitingBytes} bytes wait`))
    const lines = this.#waiting.get(file)
    if (lines === undefined) this.#waiting.set(file, [line])
    else lines.push(line)
    if (record.kind === 'jobEnded') this.#ended.add(file)
    this.#timer ??= setTimeout(() => this.#flush(), WAIT_MS)
  }

  #fileOf(jobId: string): string {
    return join(this.#options.folder, `${jobId.replaceAll('/', '-')}${RUNNING}`)
  }

  #flush(): void {
    this.#timer = null
    this.#writing ??= this.#write().finally(() => {
      this.#writing = null
      if (this.#waiting.size > 0) this.#timer ??= setTimeout(() => this.#flush(), WAIT_MS)
    })
  }

  async #write(): Promise<void> {
    const ended = [...this.#ended]
    this.#ended.clear()
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    this.#waitingBytes = 0
    try {
      for (const [file, lines] of waiting) await appendFile(file, lines.join(''), { mode: 0o640 })
      for (const file of ended) await rename(file, endedName(file))
    } catch (error) {
      this.#fail(error)
    }
  }

  #fail(cause: unknown): void {
    if (this.#isBroken) return
    this.#isBroken = true
    this.#waiting.clear()
    const reason = cause instanceof Error ? cause.message : String(cause)
    this.#options.onError(
      new EngineError('IO_ERROR', `the event log in "${this.#options.folder}" ends here: ${reason}`, {
        cause,
      }),
    )
  }

  /** Writes what waits. */
  async close(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer)
    await this.#writing
    if (existsSync(this.#cluster) || this.#waiting.has(this.#cluster)) this.#ended.add(this.#cluster)
    if (!this.#isBroken) await this.#write()
  }
}

function endedName(file: string): string {
  return `${file.slice(0, -RUNNING.length)}${ENDED}`
}

/** The logs of a folder: of jobs, and of drivers. */
export function listEventLogs(folder: string): string[] {
  const files = readdirSync(folder).filter((file) => file.endsWith(ENDED))
  return files.sort().map((file) => join(folder, file))
}

/**
 * The records of a log, in order. A last line that was cut when its driver was lost is left out; any other
 * that is none is MALFORMED_RECORD with its line.
 */
export async function* readEventLog(file: string): AsyncGenerator<TimedRecord, void, void> {
  let line = 0
  let cut: EngineError | null = null
  const stream = createReadStream(file)
  try {
    for await (const text of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
      line++
      if (cut !== null) throw cut
      const record = parsed(text)
      if (record === null)
        cut = new EngineError('MALFORMED_RECORD', `line ${line} of "${file}" is not a record`, {
          position: { file, line },
        })
      else yield record
    }
  } finally {
    stream.destroy()
  }
}

/** Null if the line is none: of the rest we rely on who wrote it, as its kinds are those of the build. */
function parsed(text: string): TimedRecord | null {
  try {
    const record: unknown = JSON.parse(text)
    const isRecord = typeof record === 'object' && record !== null && 'kind' in record && 'atMs' in record
    return isRecord ? (record as TimedRecord) : null
  } catch {
    return null
  }
}
