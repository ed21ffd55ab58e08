import { EngineError } from '../../engine/errors.ts'
import type { QuerySettings } from '../../engine/functions/index.ts'
import type { JobHeader, JobPiece } from '../../proto/cluster/index.ts'
import { decodePlain } from '../../proto/messages/index.ts'
import type { JobGraph } from '../stages/index.ts'
import { isRecord } from './task-result.ts'

/** A job as a client submitted it. */
export interface SubmittedJob {
  readonly number: number
  readonly label: string
  readonly pool: string
  readonly creditBytes: number
  readonly settings: QuerySettings
  readonly graph: JobGraph
}

/** Makes a graph of its bytes, and checks all of it: they are of anyone who may use the cluster. */
export type ReadGraph = (bytes: Uint8Array) => JobGraph

const LONGEST_LABEL = 10_000
const LONGEST_POOL = 100
/** Jobs whose pieces arrive at the same time. */
const MOST_OPEN = 16

/** Puts the pieces of a session's jobs together. */
export class JobIntake {
  readonly #readGraph: ReadGraph
  readonly #maxGraphBytes: number
  readonly #open = new Map<
    number,
    { readonly header: JobHeader; readonly pieces: Uint8Array[]; bytes: number }
  >()
  #lastNumber = 0

  constructor(readGraph: ReadGraph, maxGraphBytes: number) {
    this.#readGraph = readGraph
    this.#maxGraphBytes = maxGraphBytes
  }

  /**
   * The job, when the last of its pieces has come. PROTOCOL_ERROR for pieces that do not go together; what is
   * wrong with the job itself is an error of the job.
   */
  add({ job: number, header, graph, last }: JobPiece): (() => SubmittedJob) | null {
    if (header !== undefined) this.#begin(number, header)
    const open = this.#open.get(number)
    if (open === undefined) throw new EngineError('PROTOCOL_ERROR', `job ${number} begins without a header`)
    open.bytes += graph.length
    // More than is allowed is not kept, but the job still hears why it fails.
    if (open.bytes <= this.#maxGraphBytes) open.pieces.push(graph)
    if (!last) return null
    this.#open.delete(number)
    return () => this.#read(number, open.header, open.pieces, open.bytes)
  }

  #begin(number: number, header: JobHeader): void {
    if (number <= this.#lastNumber)
      throw new EngineError('PROTOCOL_ERROR', `job ${number} comes after job ${this.#lastNumber}`)
    if (this.#open.size >= MOST_OPEN)
      throw new EngineError('PROTOCOL_ERROR', `more than ${MOST_OPEN} jobs are submitted at the same time`)
    this.#lastNumber = number
    this.#open.set(number, { header, pieces: [], bytes: 0 })
  }

  #read(number: number, header: JobHeader, pieces: readonly Uint8Array[], bytes: number): SubmittedJob {
    if (bytes > this.#maxGraphBytes)
      throw new EngineError(
        'RESOURCES_EXHAUSTED',
        `the plan of the job takes ${bytes} bytes, more than ${this.#maxGraphBytes}`,
      )
    const creditBytes = header.creditBytes
    if (!(creditBytes >= 0)) throw new EngineError('PROTOCOL_ERROR', 'the credit of a job is not a size')
    return {
      number,
      label: header.label.slice(0, LONGEST_LABEL),
      pool: header.pool.slice(0, LONGEST_POOL) || 'default',
      creditBytes,
      settings: readSettings(header.settings),
      graph: this.#readGraph(joined(pieces, bytes)),
    }
  }
}

function readSettings(bytes: Uint8Array): QuerySettings {
  const data = decodePlain(bytes)
  const isSettings =
    isRecord(data) &&
    typeof data.timeZone === 'string' &&
    typeof data.nowMicros === 'bigint' &&
    typeof data.randomSeed === 'number' &&
    (data.batchRows === undefined || typeof data.batchRows === 'number')
  if (!isSettings)
    throw new EngineError('PROTOCOL_ERROR', 'the settings of a job are not in the form of them')
  const { timeZone, nowMicros, randomSeed, batchRows } = data
  // The types were just checked, by a condition that the compiler does not carry along.
  return { timeZone, nowMicros, randomSeed, batchRows } as QuerySettings
}

function joined(pieces: readonly Uint8Array[], bytes: number): Uint8Array {
  const [first] = pieces
  if (pieces.length === 1 && first !== undefined) return first
  const whole = new Uint8Array(bytes)
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}
