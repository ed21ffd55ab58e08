import { type FixedVector, flatten, isFixedWidth, slice, type Vector } from '../batch/index.ts'
import { keyRowKernels } from '../kernels/index.ts'
import type { Region } from '../memory/index.ts'
import type { DataType } from '../types/index.ts'
import { DependentTexts } from './dependent-texts.ts'
import { type MemberRows, TupleTable } from './tuple-table.ts'

/** Rows that are looked at first: they mostly show that texts are keys of their own, if they are. */
const SAMPLE_ROWS = 1024

/**
 * Distinct tuples of which the columns of fixed width determine the texts, as a customer's number determines
 * name and address: texts are kept and compared, but not looked up. NULL is a value.
 */
export class DependentKeys {
  readonly #region: Region
  readonly #tuples: TupleTable
  readonly #texts: readonly (DependentTexts | null)[]
  #size = 0

  /** null where there is no column of fixed width, no text, or anything else. */
  static of(keyTypes: readonly DataType[], region: Region): DependentKeys | null {
    const isText = ({ kind }: DataType) => kind === 'string' || kind === 'binary'
    const fits =
      keyTypes.some(isText) &&
      keyTypes.some(isFixedWidth) &&
      keyTypes.every((type) => isText(type) || isFixedWidth(type))
    return fits ? new DependentKeys(keyTypes, region) : null
  }

  private constructor(keyTypes: readonly DataType[], region: Region) {
    this.#region = region
    const fixed = keyTypes.filter(isFixedWidth)
    this.#tuples = new TupleTable(
      fixed.map((type) => ({ kind: 'values', type, nullIsValue: true })),
      region,
    )
    this.#texts = keyTypes.map((type) => (isFixedWidth(type) ? null : new DependentTexts(type, region)))
  }

  /** Number of tuples. */
  get size(): number {
    return this.#size
  }

  /**
   * The number of each row's tuple, new ones getting the next in the order of rows. False if a row shows that
   * texts are not determined: then it is of no more use, but that `keys` gives those before.
   */
  insert(columns: readonly Vector[], rowCount: number, out: Int32Array, scratch: Region): boolean {
    if (this.#size > 0 || rowCount <= 2 * SAMPLE_ROWS) return this.#insert(columns, rowCount, out, scratch)
    const sample = columns.map((vector) => slice(vector, 0, SAMPLE_ROWS, scratch))
    if (!this.#insert(sample, SAMPLE_ROWS, out, scratch)) return false
    return this.#insert(columns, rowCount, out, scratch)
  }

  #insert(columns: readonly Vector[], rowCount: number, out: Int32Array, scratch: Region): boolean {
    const before = this.#size
    const { kernels, fixed } = this.#inputs(columns, scratch)
    this.#tuples.insert(fixed, rowCount, out)
    const { size } = this.#tuples
    const fresh = size - before
    const rows = scratch.int32(fresh)
    if (fresh > 0) {
      const seen = scratch.uint8(fresh).fill(0)
      kernels.firstRows(out.byteOffset, rowCount, before, seen.byteOffset, rows.byteOffset)
    }
    for (const [index, texts] of this.#texts.entries()) {
      if (texts === null) continue
      if (fresh > 0) texts.append(columns[index]!, rows, fresh, scratch)
      if (fresh < rowCount && !texts.areThose(columns[index]!, rowCount, out, scratch)) return false
    }
    this.#size = size
    return true
  }

  /** The number of each row's tuple, -1 where it is not there. */
  find(columns: readonly Vector[], rowCount: number, out: Int32Array, scratch: Region): void {
    this.#tuples.find(this.#inputs(columns, scratch).fixed, rowCount, out)
    for (const [index, texts] of this.#texts.entries())
      texts?.maskOthers(columns[index]!, rowCount, out, scratch)
  }

  /** The tuples [from, from + count) as columns. */
  keys(from: number, count: number, region: Region): readonly Vector[] {
    let member = 0
    return this.#texts.map(
      (texts) => texts?.values(from, count, region) ?? this.#tuples.values(member++, from, count, region),
    )
  }

  #inputs(columns: readonly Vector[], scratch: Region) {
    const fixed = columns.flatMap((vector, index): MemberRows[] => {
      if (this.#texts[index] !== null) return []
      return [{ kind: 'values', vector: flatten(vector, scratch) as FixedVector }]
    })
    return { kernels: keyRowKernels(this.#region.pool), fixed }
  }
}
