import { difference } from './compare-answers.ts'
import type { Engine, EngineReply, EngineRequest } from './engine-process.ts'
import { median } from './statistics.ts'

/** One piece of work that all engines do. */
export interface Work {
  readonly name: string
  /** What an engine is asked; null where it cannot do this work. */
  request(engine: string): EngineRequest | null
  /** Whether rows come in an order that counts. */
  readonly ordered: boolean
  /** Rows that are read, for rows per second. */
  readonly rows: number
}

/** How an engine did one piece of work. */
export interface Measured {
  readonly seconds: number
  readonly minSeconds: number
  readonly runs: readonly number[]
  readonly peakBytes: number
  readonly rowsPerSecond: number
  /** Bytes of files each run read, where the engine tells; Millrace, which keeps no data, reads the same. */
  readonly bytesRead?: readonly number[]
  /** What else the last run measured. */
  readonly details?: Readonly<Record<string, number>>
  /** What went wrong; then the numbers are of the runs before. */
  readonly error?: string
}

/** One piece of work, by engine; ratios are Millrace's time divided by the peer's. */
export interface WorkResult {
  readonly name: string
  readonly rows: number
  readonly engines: Readonly<Record<string, Measured>>
  readonly ratios: Readonly<Record<string, { readonly median: number; readonly min: number }>>
  /** Why an answer of Millrace is not that of a peer, or of the expected answers. */
  readonly disagreements: readonly string[]
}

export interface MeasureOptions {
  readonly runs: number
  /** Runs before those that count. */
  readonly warmups: number
  readonly timeoutMs: number
  /** An answer that is known beforehand. */
  readonly expected?: ((name: string) => EngineReply | null) | undefined
}

/** Runs the work on all engines in turn (A B A B …). The first engine is Millrace. */
export async function measure(
  work: Work,
  engines: readonly Engine[],
  options: MeasureOptions,
): Promise<WorkResult> {
  const tries = engines.map((engine) => new Try(engine, work))
  for (const one of tries) one.engine.resetPeak()
  for (let run = -options.warmups; run < options.runs; run++)
    for (const one of tries) await one.run(run >= 0, options.timeoutMs)
  return resultOf(work, tries, options.expected?.(work.name) ?? null)
}

/** The runs of one engine. */
class Try {
  readonly engine: Engine
  readonly seconds: number[] = []
  readonly #request: EngineRequest | null
  answer: EngineReply | null = null
  error: string | undefined
  peakBytes = 0
  readonly bytesRead: number[] = []

  constructor(engine: Engine, work: Work) {
    this.engine = engine
    this.#request = work.request(engine.name)
    if (this.#request === null) this.error = 'not supported'
  }

  async run(counts: boolean, timeoutMs: number): Promise<void> {
    if (this.#request === null || this.error !== undefined) return
    try {
      this.answer = await this.engine.request(this.#request, timeoutMs)
      if (counts) this.seconds.push(this.answer.seconds)
      if (counts && this.answer.bytesRead !== undefined) this.bytesRead.push(this.answer.bytesRead)
      this.peakBytes = this.engine.peakBytes()
    } catch (error) {
      this.error = error instanceof Error ? error.message : String(error)
    }
  }

  measured(rows: number): Measured {
    const seconds = median(this.seconds)
    return {
      seconds,
      minSeconds: Math.min(...this.seconds),
      runs: this.seconds,
      peakBytes: this.peakBytes,
      rowsPerSecond: rows / seconds,
      ...(this.bytesRead.length === 0 ? {} : { bytesRead: this.bytesRead }),
      ...(this.answer?.details === undefined ? {} : { details: this.answer.details }),
      ...(this.error === undefined ? {} : { error: this.error }),
    }
  }
}

function resultOf(work: Work, tries: readonly Try[], expected: EngineReply | null): WorkResult {
  const [ours, ...peers] = tries
  const disagreements: string[] = []
  const compare = (with_: string, answer: EngineReply | null): void => {
    if (ours!.answer === null || answer === null) return
    const found = difference(ours!.answer, answer, work.ordered)
    if (found !== null) disagreements.push(`${with_}: ${found}`)
  }
  if (ours!.error !== undefined) disagreements.push(`millrace: ${ours!.error}`)
  const bytes = new Set(ours!.bytesRead)
  if (bytes.size > 1) disagreements.push(`millrace: runs read different bytes: ${[...bytes].join(', ')}`)
  if (expected !== null) compare('expected', expected)
  for (const peer of peers) compare(peer.engine.name, peer.answer)
  const engines = Object.fromEntries(tries.map((one) => [one.engine.name, one.measured(work.rows)]))
  const mine = engines[ours!.engine.name]!
  const ratios = Object.fromEntries(
    peers
      .filter((peer) => peer.error === undefined && ours!.error === undefined)
      .map((peer) => {
        const theirs = engines[peer.engine.name]!
        const ratio = { median: mine.seconds / theirs.seconds, min: mine.minSeconds / theirs.minSeconds }
        return [peer.engine.name, ratio]
      }),
  )
  return { name: work.name, rows: work.rows, engines, ratios, disagreements }
}
