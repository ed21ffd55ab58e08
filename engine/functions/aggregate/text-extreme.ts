import { type BytesVector, getBit, type Vector, vectorBuilder } from '../../batch/index.ts'
import type { Region } from '../../memory/index.ts'
import type { DataType } from '../../types/index.ts'
import type { Accumulator } from '../aggregate-function.ts'

/** A kept value: the first `length` bytes. */
interface Kept {
  bytes: Uint8Array
  length: number
}

/** Keeps the greatest (direction 1) or least (-1) string or binary of each group, by its bytes. */
export class TextExtreme implements Accumulator {
  readonly #type: DataType
  readonly #direction: 1 | -1
  readonly #kept: (Kept | null)[] = []

  constructor(type: DataType, direction: 1 | -1) {
    this.#type = type
    this.#direction = direction
  }

  resize(groupCount: number): void {
    while (this.#kept.length < groupCount) this.#kept.push(null)
  }

  update(args: readonly Vector[], groups: Int32Array, rowCount: number): void {
    const { offsets, bytes, validity } = args[0] as BytesVector
    const kept = this.#kept
    const direction = this.#direction
    for (let row = 0; row < rowCount; row++) {
      if (validity !== null && !getBit(validity, row)) continue
      const start = offsets[row]!
      const end = offsets[row + 1]!
      const best = kept[groups[row]!]!
      if (best === null) kept[groups[row]!] = { bytes: bytes.slice(start, end), length: end - start }
      else if (compareWith(best, bytes, start, end) * direction > 0) keep(best, bytes, start, end)
    }
  }

  merge(state: readonly Vector[], groups: Int32Array, rowCount: number): void {
    this.update(state, groups, rowCount)
  }

  state(from: number, count: number, region: Region): readonly Vector[] {
    return [this.finish(from, count, region)]
  }

  finish(from: number, count: number, region: Region): Vector {
    const builder = vectorBuilder(this.#type, region, count)
    for (let group = from; group < from + count; group++) {
      const best = this.#kept[group]!
      if (best === null) builder.append(null)
      else {
        const value = best.bytes.subarray(0, best.length)
        builder.append(this.#type.kind === 'string' ? Buffer.from(value).toString() : value)
      }
    }
    return builder.finish()
  }
}

/** Negative if the bytes come before the kept value, positive if behind it. */
function compareWith(kept: Kept, bytes: Uint8Array, start: number, end: number): number {
  const common = Math.min(kept.length, end - start)
  const { bytes: old } = kept
  for (let i = 0; i < common; i++) {
    const difference = bytes[start + i]! - old[i]!
    if (difference !== 0) return difference
  }
  return end - start - kept.length
}

/** Values that rise from row to row are kept without a new array each. */
function keep(kept: Kept, bytes: Uint8Array, start: number, end: number): void {
  kept.length = end - start
  if (kept.length > kept.bytes.length) kept.bytes = new Uint8Array(2 * kept.length)
  const { bytes: out } = kept
  for (let i = start, at = 0; i < end; i++, at++) out[at] = bytes[i]!
}
