import { dictionaryVector, type FixedVector, type Vector } from '../../batch/index.ts'
import { convertKernels, type WantedRows } from '../../kernels/index.ts'
import type { Region } from '../../memory/index.ts'
import type { Target } from './target.ts'

/** Numbers as codes of a dictionary. */
export class CodesTarget implements Target {
  readonly dictionary: FixedVector
  readonly codes: Int32Array
  length = 0
  readonly #region: Region

  /** Takes exactly up to `capacity` rows. */
  constructor(dictionary: FixedVector, capacity: number, region: Region) {
    this.dictionary = dictionary
    this.codes = region.int32(capacity)
    this.#region = region
  }

  reserve(): void {}

  appendRows(source: CodesTarget, base: number, { rows, from, to }: WantedRows): void {
    const { gatherValuesAt } = convertKernels(this.#region.pool)
    const [start, end] = [rows.byteOffset + 4 * from, this.codes.byteOffset + 4 * this.length]
    gatherValuesAt(source.codes.byteOffset, 2, base, start, to - from, end)
    this.length += to - from
  }

  spread(dense: number, count: number, validity: Uint8Array): void {
    const from = this.length - dense
    this.length = from + count
    const { spreadRows } = convertKernels(this.#region.pool)
    spreadRows(this.codes.byteOffset, 2, from, dense, count, validity.byteOffset)
  }

  finish(validity: Uint8Array | null): Vector {
    return dictionaryVector(this.length, this.codes.subarray(0, this.length), this.dictionary, validity)
  }
}
