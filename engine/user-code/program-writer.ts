import { bytesVector, fixedVector, type RecordBatch } from '../batch/index.ts'
import { EngineError } from '../errors.ts'
import type { Region } from '../memory/index.ts'
import type { Schema } from '../types/index.ts'
import { CHUNK_VALUES, encodeChunk } from './chunk-codec.ts'
import type { ProgramOutput } from './user-program.ts'
import { compareKeys, hashOfKey } from './value-key.ts'

/** Values that wait for their chunk to fill, over all partitions. */
const WAITING_VALUES = 16 * CHUNK_VALUES

/** The columns of chunk rows. */
export const chunkSchema: Schema = {
  fields: [
    { name: 'partition', type: { kind: 'int32' }, nullable: false },
    { name: 'payload', type: { kind: 'binary' }, nullable: false },
  ],
}

/** One row that a program gives: a chunk and where it goes. */
export interface ChunkRow {
  readonly partition: number
  readonly payload: Uint8Array
}

/** A batch of one chunk row. */
export function chunkRow({ partition, payload }: ChunkRow, region: Region): RecordBatch {
  const partitions = region.int32(1)
  partitions[0] = partition
  const offsets = region.int32(2)
  offsets[0] = 0
  offsets[1] = payload.length
  const bytes = region.uint8(payload.length)
  bytes.set(payload)
  const columns = [
    fixedVector({ kind: 'int32' }, 1, partitions),
    bytesVector({ kind: 'binary' }, 1, offsets, bytes),
  ]
  return { rowCount: 1, columns }
}

/** The bytes of one chunk; a view of the batch. */
export function payloadOf(batch: RecordBatch, row: number): Uint8Array {
  const payload = batch.columns[1]
  if (payload?.encoding !== 'bytes') throw new TypeError('chunk rows have a payload column')
  return payload.bytes.subarray(payload.offsets[row], payload.offsets[row + 1])
}

/** Sorts values by the partition they go to, and packs them into chunks. */
export class ProgramWriter {
  readonly #output: ProgramOutput
  readonly #partition: number
  readonly #waiting: unknown[][]
  #waitingCount = 0
  #turn: number

  constructor(output: ProgramOutput, partition: number) {
    this.#output = output
    this.#partition = partition
    this.#turn = partition
    const count =
      output.kind === 'hash' || output.kind === 'range' || output.kind === 'roundRobin'
        ? output.partitionCount
        : 1
    this.#waiting = Array.from({ length: count }, () => [])
  }

  /** Takes values; gives the chunks that are full. */
  add(values: readonly unknown[]): ChunkRow[] {
    this.#spread(values)
    this.#waitingCount += values.length
    const limit = this.#waiting.length === 1 ? CHUNK_VALUES : WAITING_VALUES
    return this.#waitingCount >= limit ? this.finish() : []
  }

  /** The chunks of all that waits. */
  finish(): ChunkRow[] {
    const rows: ChunkRow[] = []
    for (const [partition, values] of this.#waiting.entries()) {
      for (let from = 0; from < values.length; from += 2 * CHUNK_VALUES)
        this.#write(partition, values.slice(from, from + 2 * CHUNK_VALUES), rows)
      values.length = 0
    }
    this.#waitingCount = 0
    return rows
  }

  #spread(values: readonly unknown[]): void {
    const { kind } = this.#output
    if (kind === 'hash') this.#spreadByHash(values, this.#output)
    else if (kind === 'range') this.#spreadByRange(values, this.#output)
    else if (kind === 'roundRobin')
      for (const value of values) this.#waiting[this.#turn++ % this.#waiting.length]!.push(value)
    else for (const value of values) this.#waiting[0]!.push(value)
  }

  #spreadByHash(
    values: readonly unknown[],
    { keyed, partitionCount }: ProgramOutput & { kind: 'hash' },
  ): void {
    const waiting = this.#waiting
    for (let i = 0; i < values.length; i++) {
      const value = values[i]
      const key = keyed ? keyOfPair(value) : value
      waiting[hashOfKey(key) % partitionCount]!.push(value)
    }
  }

  #spreadByRange(
    values: readonly unknown[],
    { bounds, descending }: ProgramOutput & { kind: 'range' },
  ): void {
    for (const value of values) {
      const index = firstBoundAbove(bounds, keyOfPair(value))
      this.#waiting[descending ? bounds.length - index : index]!.push(value)
    }
  }

  #write(waiting: number, values: readonly unknown[], rows: ChunkRow[]): void {
    const output = this.#output
    const payload = encodeChunk(values, 'side' in output ? output.side : 0)
    switch (output.kind) {
      case 'own':
        rows.push({ partition: this.#partition, payload })
        break
      case 'move':
        rows.push({ partition: output.targets[this.#partition]!, payload })
        break
      case 'all':
        for (let partition = 0; partition < output.partitionCount; partition++)
          rows.push({ partition, payload })
        break
      default:
        rows.push({ partition: waiting, payload })
    }
  }
}

/** The key of a pair; DATATYPE_MISMATCH for what is no pair. */
export function keyOfPair(value: unknown): unknown {
  if (Array.isArray(value)) return value[0]
  throw new EngineError(
    'DATATYPE_MISMATCH',
    `a pair [key, value] is needed, not a value of type ${typeof value}`,
    {
      hint: 'Make pairs with map or keyBy first.',
    },
  )
}

/** How many bounds are not above the key: bounds ascend. */
function firstBoundAbove(bounds: readonly unknown[], key: unknown): number {
  let low = 0
  let high = bounds.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (compareKeys(bounds[middle], key) <= 0) low = middle + 1
    else high = middle
  }
  return low
}
