import { type ErrorData, errorToData } from '../../engine/errors.ts'
import type { TaskEnd } from '../../proto/cluster/index.ts'
import { type DoneMessage, encodePlain } from '../../proto/messages/index.ts'
import { FetchFailedError } from '../blocks/index.ts'
import type { KeptTask } from './keep-output.ts'

/** An end of a task, without what is empty. */
export type TaskEndInit = Partial<Omit<TaskEnd, '$typeName' | '$unknown' | 'missing'>> & {
  readonly missing?: { stage: number; partition: number; attempt: number; executorId: string }
}

/** Sends reports on their way. */
export interface ReportSink {
  ends(ends: TaskEndInit[]): void
  begun(attemptIds: number[], beganAtUs: number[]): void
}

/** While there is other work, ends wait so long for others: a message costs more than a short task. */
const GATHER_MS = 1

/** Most ends that wait. */
const MOST_GATHERED = 256

/**
 * Tells the driver what becomes of tasks: all that happens in one turn of the event loop in one message or,
 * while tasks wait here, so that no thread is idle for it, all of a moment.
 */
export class TaskReports {
  readonly #sink: ReportSink
  readonly #isBusy: () => boolean
  #ends: TaskEndInit[] = []
  #timer: NodeJS.Timeout | null = null
  #isFlushing = false

  /** `isBusy`: whether more tasks are here than run. */
  constructor(sink: ReportSink, isBusy: () => boolean) {
    this.#sink = sink
    this.#isBusy = isBusy
  }

  done(attemptId: number, kept: KeptTask, { metrics, parts, timing }: DoneMessage): void {
    const { partitionBytes, partitionRows, durable, inline } = kept
    this.#add({
      attemptId,
      partitionBytes: [...partitionBytes],
      partitionRows: [...partitionRows],
      durable,
      inline: [...inline],
      metrics: encodePlain(metrics),
      ...(parts.length > 0 ? { parts: encodePlain(parts) } : {}),
      timing: encodePlain(timing),
    })
  }

  failed(attemptId: number, error: unknown, measured?: Pick<DoneMessage, 'metrics' | 'timing'>): void {
    this.#add({
      attemptId,
      error: encodePlain(dataOf(error)),
      ...(error instanceof FetchFailedError ? { missing: error.missing } : {}),
      ...(measured === undefined
        ? {}
        : { metrics: encodePlain(measured.metrics), timing: encodePlain(measured.timing) }),
    })
  }

  begun(attemptIds: number[]): void {
    const nowUs = performance.now() * 1000
    this.#sink.begun(
      attemptIds,
      attemptIds.map(() => nowUs),
    )
  }

  /** Sends what waits. */
  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    if (this.#ends.length === 0) return
    const ends = this.#ends
    this.#ends = []
    this.#sink.ends(ends)
  }

  #add(end: TaskEndInit): void {
    this.#ends.push(end)
    if (this.#isFlushing) return
    if (this.#ends.length < MOST_GATHERED && this.#isBusy()) {
      this.#timer ??= setTimeout(() => this.flush(), GATHER_MS)
      return
    }
    this.#isFlushing = true
    setImmediate(() => {
      this.#isFlushing = false
      this.flush()
    })
  }
}

function dataOf(error: unknown): ErrorData {
  if (error instanceof Error) return errorToData(error)
  return error as ErrorData // Of a thread, which tells of errors as data.
}
