import {
  dictionaryVector,
  identity,
  nullVector,
  type RecordBatch,
  take,
  type Vector,
} from '../batch/index.ts'
import {
  columnsOf,
  evaluate,
  evaluateAll,
  evaluatePredicate,
  type Matches,
  MatchLoop,
  matchRows,
  type RowLookup,
} from '../evaluate/index.ts'
import type { Expr } from '../expr/index.ts'
import { flagFound, keepRows, rowsFlagged, uniquePairs } from '../kernels/index.ts'
import type { Region } from '../memory/index.ts'
import type { FusedProbes } from './fuse-probes.ts'
import { findRows, type JoinTable } from './join-table.ts'
import type { TaskContext } from './operator.ts'

/** Rows by source, as they are narrowed in place. */
interface Narrowed {
  rows: (Int32Array | null)[]
  count: number
}

/** What one task does with the batches that stream past the tables of fused joins. */
export class ProbedBatches {
  readonly #fused: FusedProbes
  readonly #context: TaskContext
  readonly #loop: MatchLoop | null
  /** The columns of all tables, behind those of a batch, and where those lie that were computed. */
  readonly #built: readonly Vector[]
  readonly #region: Region

  constructor(fused: FusedProbes, context: TaskContext) {
    this.#fused = fused
    this.#context = context
    this.#loop = MatchLoop.of(fused.probes)
    this.#region = context.createRegion()
    this.#built = this.#builtColumns()
  }

  free(): void {
    this.#region.free()
  }

  #builtColumns(): Vector[] {
    const { input, lookups, computed, width } = this.#fused
    const unread = nullVector(0, this.#region)
    const columns: Vector[] = Array.from({ length: width }, () => unread)
    const tables = lookups.filter((lookup) => lookup !== null)
    for (const { table, start } of tables)
      for (const [index, column] of table!.build.columns.entries()) columns[start + index] = column
    const context = this.#context.evalContext(this.#region)
    for (const [index, { expr, source }] of computed) {
      const { rowCount } = tables.find((each) => each.source === source)!.table!.build
      columns[index] = evaluate(expr, { rowCount, columns }, context)
    }
    return columns.slice(input.schema.fields.length)
  }

  /** The columns of all sources: those of tables are of other lengths. */
  wide(batch: RecordBatch): RecordBatch {
    return { ...batch, columns: [...batch.columns, ...this.#built] }
  }

  /** The rows of a wide batch from `from` on that pass, with those that they found. */
  match(wide: RecordBatch, from: number, region: Region): Matches {
    const context = this.#context.evalContext(region)
    const matches = this.#loop === null ? null : matchRows(this.#loop, wide, from, context)
    return matches ?? this.#interpreted(wide, from, region)
  }

  /** The columns that are given of them. */
  given(wide: RecordBatch, matches: Matches, region: Region): RecordBatch {
    const { columns, needed } = this.#fused
    const exprs = columns.filter((_, index) => needed.has(index))
    const narrow = this.narrow(wide, matches, exprs, region)
    const values = evaluateAll(exprs, narrow, this.#context.evalContext(region)).values()
    const unread = nullVector(0, region)
    return {
      rowCount: matches.count,
      columns: columns.map((_, index) => (needed.has(index) ? values.next().value! : unread)),
    }
  }

  /** The columns that expressions read, of the rows that are left. */
  narrow(
    { rowCount, columns }: RecordBatch,
    { rows, count }: Pick<Matches, 'rows' | 'count'>,
    exprs: readonly Expr[],
    region: Region,
  ): RecordBatch {
    const used = new Set(exprs.flatMap((expr) => [...columnsOf(expr)]))
    const unread = nullVector(0, region)
    const taken = columns.map((column, index) => {
      if (!used.has(index)) return unread
      const source = this.#fused.probes.sources[index]!
      // Rows of a batch rise.
      if (source === 0 && count === rowCount) return column
      const own = rows[source]!
      return column.encoding === 'bytes' && column.validity === null
        ? dictionaryVector(count, own.subarray(0, count), column)
        : take(column, own, count, region)
    })
    return { rowCount: count, columns: taken }
  }

  /** The same as the compiled function, step by step by the interpreter and kernels. */
  #interpreted(wide: RecordBatch, from: number, region: Region): Matches {
    const { probes, lookups } = this.#fused
    const left: Narrowed = {
      rows: Array.from({ length: probes.sourceCount }, (_, source) =>
        source === 0 ? identity(wide.rowCount - from, region, from) : null,
      ),
      count: wide.rowCount - from,
    }
    const passed = probes.steps.map((step, index) => {
      const exprs = step.kind === 'test' ? [step.predicate] : step.keys
      const narrow = this.narrow(wide, left, exprs, region)
      const context = this.#context.evalContext(region)
      if (step.kind === 'test') {
        const { indices, count } = evaluatePredicate(step.predicate, narrow, context)
        this.#keep(left, indices, count)
      } else {
        const keys = evaluateEach(step.keys, narrow, context)
        this.#lookUp(step, keys, lookups[index]!.table!, left, region)
      }
      return left.count
    })
    return { ...left, passed }
  }

  #lookUp(step: RowLookup, keys: readonly Vector[], table: JoinTable, left: Narrowed, region: Region): void {
    const { count } = left
    const found = findRows(table, keys, count, region)
    const positions = region.int32(count)
    if (step.isAnti) {
      const flags = region.uint8(count)
      flagFound(region.pool, found, count, flags)
      this.#keep(left, positions, rowsFlagged(region.pool, flags, count, 0, positions))
      return
    }
    const built = region.int32(count)
    this.#keep(left, positions, uniquePairs(region.pool, found, count, positions, built))
    if (step.source !== null) left.rows[step.source] = built
  }

  #keep(left: Narrowed, positions: Int32Array, count: number): void {
    if (count < left.count)
      for (const rows of left.rows) if (rows !== null) keepRows(this.#context.pool, rows, positions, count)
    left.count = count
  }
}

const evaluateEach = (exprs: readonly Expr[], batch: RecordBatch, context: Parameters<typeof evaluate>[2]) =>
  exprs.map((expr) => evaluate(expr, batch, context))
