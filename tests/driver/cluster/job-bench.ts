import { type EngineError, errorToData } from '../../../engine/errors.ts'
import { decodePlain, encodePlain } from '../../../proto/messages/index.ts'
import { JOB_SETTINGS, LoopBench } from './loop-bench.ts'

const SIZES = { heldRowBytes: 4, progressMs: 100, maxJobsOfSession: 2, maxGraphBytes: 100 }

/** A loop with a client, a worker and its executor `e1`, and what tests of jobs do with them. */
export class JobBench extends LoopBench {
  readonly own: ReturnType<LoopBench['attached']>
  readonly e1: ReturnType<LoopBench['executor']>

  constructor() {
    super(SIZES)
    this.own = this.attached()
    this.registered('w1')
    this.e1 = this.greeted('w1', this.own.sessionId, 'e1')
    this.own.sent.length = 0
  }

  submit(job: number, creditBytes = 100): string {
    const header = { label: 'select 1', pool: '', settings: JOB_SETTINGS, creditBytes }
    this.own.say({ case: 'job', value: { job, header, graph: new Uint8Array(1) } })
    this.own.say({ case: 'job', value: { job, graph: new Uint8Array(1), last: true } })
    return `${this.own.sessionId}/${job}`
  }

  credit(bytes: number): void {
    this.own.say({ case: 'credit', value: { job: 1, bytes } })
    this.turn()
  }

  launch(jobId: string, partition: number, attemptId: number): void {
    const task = { attemptId, jobId, stageId: 0, partition, attempt: attemptId, slices: null }
    this.effects([{ kind: 'launch', executorId: 'e1', tasks: [task] }])
  }

  /** The task has ended, and counts. */
  done(jobId: string, partition: number, attemptId: number, inline: readonly number[], parts = 'p'): void {
    this.launch(jobId, partition, attemptId)
    const end = {
      attemptId,
      partitionBytes: [10],
      partitionRows: [1],
      metrics: encodePlain({ 1: { rows: 2 } }),
      parts: encodePlain([`${parts}${partition}`]),
      inline: inline.map((bytes) => new Uint8Array(bytes).fill(attemptId)),
    }
    this.e1.say({ case: 'ends', value: { ends: [end] } })
    const location = { holderId: 'e1', attempt: attemptId }
    this.effects([{ kind: 'resultReady', jobId, partition, attemptId, location }])
  }

  finish(jobId: string, error: EngineError | null = null): void {
    this.effects([{ kind: 'jobEnded', jobId, error: error === null ? null : errorToData(error) }])
  }

  /** Partition and first byte of every row piece, and what else came. */
  received(): string[] {
    return this.own.sent.map(({ kind }) =>
      kind.case === 'rows' ? `${kind.value.partition}:${kind.value.chunk[0]}` : `${kind.case}`,
    )
  }

  lastEnd(): { error: unknown; metrics: unknown; parts: unknown } {
    const kind = this.own.sent.at(-1)!.kind
    if (kind.case !== 'end') throw new Error(`not an end: ${kind.case}`)
    const { error, metrics, parts } = kind.value
    return {
      error: error.length === 0 ? null : decodePlain(error),
      metrics: decodePlain(metrics),
      parts: decodePlain(parts),
    }
  }
}
