import { constantVector, type FlatVector, flatten, take, type Vector } from '../../batch/index.ts'
import type { FilterStep } from '../../connect/index.ts'
import { convertKernels, selectCodes, type Verdicts } from '../../kernels/index.ts'
import type { Region } from '../../memory/index.ts'
import type { ColumnRows } from './column-rows.ts'
import type { RowRange } from './page-index.ts'

/** What the steps of a filter say of the dictionaries of a row group, asked once. */
export class EntryVerdicts {
  readonly #region: Region
  readonly #known = new Map<FilterStep, EntryVerdict>()

  /** Verdicts lie in `region`, which must outlive the row group. */
  constructor(region: Region) {
    this.#region = region
  }

  of(step: FilterStep, dictionary: FlatVector, hasNulls: boolean): EntryVerdict {
    let verdict = this.#known.get(step)
    if (verdict === undefined) {
      verdict = this.#ask(step, dictionary, hasNulls)
      this.#known.set(step, verdict)
    }
    return verdict
  }

  #ask(step: FilterStep, dictionary: FlatVector, hasNulls: boolean): EntryVerdict {
    const { length, type } = dictionary
    const region = this.#region
    const rows = region.int32(length)
    const passing = length === 0 ? 0 : step.select({ rowCount: length, columns: [dictionary] }, rows)
    const entries = region.uint8(length).fill(0)
    for (let i = 0; i < passing; i++) entries[rows[i]!] = 1
    const noValue = constantVector(type, null, 1, region)
    const nulls = hasNulls && step.select({ rowCount: 1, columns: [noValue] }, region.int32(1)) === 1
    const isAlways = passing === length && (nulls || !hasNulls)
    return { entries, nulls, isNever: passing === 0 && !nulls, isAlways }
  }
}

interface EntryVerdict extends Verdicts {
  /** Whether no row passes, whatever it holds. */
  readonly isNever: boolean
  /** Whether every row passes. */
  readonly isAlways: boolean
}

/** The rows of a window that the steps of a filter have left, and what was read of them. */
export class FilteredRows {
  readonly #window: RowRange
  readonly #columns: ReadonlyMap<string, ColumnRows>
  readonly #verdicts: EntryVerdicts
  readonly #region: Region
  /** For each step that left out rows: those that it left, as positions among those before. */
  readonly #picks: { readonly rows: Int32Array; readonly count: number }[] = []
  readonly #read = new Map<string, { vector: Vector; level: number }>()
  /** Rows that are left, counted from the start of the window; null: all. */
  rows: Int32Array | null = null
  count: number

  /** All memory comes from `region`, which must live as long as the vectors. */
  constructor(
    window: RowRange,
    columns: ReadonlyMap<string, ColumnRows>,
    verdicts: EntryVerdicts,
    region: Region,
  ) {
    this.#window = window
    this.#columns = columns
    this.#verdicts = verdicts
    this.#region = region
    this.count = window.to - window.from
  }

  /** Leaves out the rows for which a step does not hold. */
  narrow(step: FilterStep): void {
    const before = this.count
    const picked = this.#region.int32(before)
    const count = this.#select(step, picked)
    step.note(before, count)
    if (count === before) return
    this.#picks.push({ rows: picked, count })
    this.rows = this.rows === null ? picked : this.#through(this.rows, picked, count)
    this.count = count
  }

  #select(step: FilterStep, out: Int32Array): number {
    const { columns: names, isByValue } = step
    const [only] = names
    if (isByValue && names.length === 1) {
      const { dictionary, hasNulls } = this.#columns.get(only!)!
      const verdict = dictionary && this.#verdicts.of(step, dictionary, hasNulls)
      if (verdict?.isAlways) return this.count
      if (verdict?.isNever) return 0
      const vector = this.#vector(only!, true)
      if (verdict && vector.encoding === 'dictionary')
        return selectCodes(this.#region.pool, vector.codes, vector.validity, this.count, verdict, out)
    }
    return step.select({ rowCount: this.count, columns: names.map((name) => this.column(name)) }, out)
  }

  /** A column of the rows that are left. Numbers are no codes. */
  column(name: string): Vector {
    const vector = this.#vector(name, false)
    if (vector.encoding !== 'dictionary' || vector.dictionary.encoding === 'bytes') return vector
    const flat = flatten(vector, this.#region)
    this.#read.set(name, { vector: flat, level: this.#picks.length })
    return flat
  }

  #vector(name: string, asCodes: boolean): Vector {
    const known = this.#read.get(name)
    const level = this.#picks.length
    if (known?.level === level) return known.vector
    const vector = known === undefined ? this.#readNow(name, asCodes) : this.#taken(known)
    this.#read.set(name, { vector, level })
    return vector
  }

  #readNow(name: string, asCodes: boolean): Vector {
    const column = this.#columns.get(name)!
    if (this.rows === null) return column.read(this.#window, asCodes)
    return column.readAt(this.#window, this.rows, this.count, asCodes)
  }

  /** What was read for rows of an earlier level, for those that are left of them. */
  #taken({ vector, level }: { readonly vector: Vector; readonly level: number }): Vector {
    const [first, ...later] = this.#picks.slice(level)
    const rows = later.reduce((sum, pick) => this.#through(sum, pick.rows, pick.count), first!.rows)
    return take(vector, rows, this.count, this.#region)
  }

  /** `rows` at the places of `picked`. */
  #through(rows: Int32Array, picked: Int32Array, count: number): Int32Array {
    const out = this.#region.int32(count)
    const { gatherValuesAt } = convertKernels(this.#region.pool)
    gatherValuesAt(rows.byteOffset, 2, 0, picked.byteOffset, count, out.byteOffset)
    return out
  }
}
