import { durationMicros } from '../../engine/functions/index.ts'
import {
  type AnalyzerContext,
  aliasPlan,
  distinctPlan,
  dropDuplicatesPlan,
  filterPlan,
  limitPlan,
  type Resolved,
  repartitionPlan,
  samplePlan,
  setPlan,
  sortPlan,
  unionPlan,
} from '../analyzer/index.ts'
import { type Expression, parseExpression } from '../parser/index.ts'
import { QueryActions } from './actions.ts'
import { bindFrames, withoutFrames } from './bind-frames.ts'
import { captureCallSite } from './call-site.ts'
import { checkpoint } from './checkpoint.ts'
import { columnOrName } from './column.ts'
import type { Column, Columns, ConditionMark, SortColumn } from './column-types.ts'
import type { StorageLevel } from './executor.ts'
import { KeptPlan } from './kept-plan.ts'
import { LazyPlan, located, type PlanStep } from './lazy-plan.ts'
import { columnFrom, sortItems } from './row-columns.ts'
import type { Names, SameRow } from './row-types.ts'

/** A condition: a column, a callback that gives one, or SQL text. */
export type Predicate<R> = string | ConditionMark | ((row: Columns<R>) => ConditionMark)

/** What `orderBy` takes. */
export type Sortable<R> =
  | Names<R>
  | Column<unknown>
  | SortColumn
  | ((row: Columns<R>) => SortColumn | Column<unknown> | readonly (SortColumn | Column<unknown>)[])

/** A step over one input, with a syntax tree. */
export type TreeStep<T> = (input: Resolved, tree: T, context: AnalyzerContext) => Resolved

/** The methods of a DataFrame whose result has the same columns. */
export abstract class RowSteps<R> extends QueryActions<R> {
  /** The rows for which a condition is TRUE: `filter((r) => r.amount.gt(5))`, `filter('amount > 5')`. */
  filter(condition: Predicate<R>): this {
    const tree = typeof condition === 'string' ? parseExpression(condition) : columnFrom(condition).expression
    return this.same(bound<Expression>(this.lazy, tree, filterPlan))
  }

  /** The same as `filter`. */
  where(condition: Predicate<R>): this {
    return this.filter(condition)
  }

  /**
   * Rows in order: names, columns, `desc('a')`, or a callback `(r) => [r.a.desc(), r.b]`. NULLs first when
   * ascending.
   */
  orderBy(...keys: readonly Sortable<R>[]): this {
    return this.same(bound(this.lazy, sortItems(keys), sortPlan))
  }

  /** The same as `orderBy`. */
  sort(...keys: readonly Sortable<R>[]): this {
    return this.orderBy(...keys)
  }

  /** Rows in order within each partition only. */
  sortWithinPartitions(...keys: readonly Sortable<R>[]): this {
    return this.same(
      bound(this.lazy, sortItems(keys), (input, items, context) => sortPlan(input, items, context, false)),
    )
  }

  /** The first rows at most. */
  limit(count: number): this {
    return this.#step((input) => limitPlan(input, count))
  }

  /** Without the first rows. */
  offset(count: number): this {
    return this.#step((input) => limitPlan(input, null, count))
  }

  /** Each row once. */
  distinct(): this {
    return this.#step(distinctPlan)
  }

  /** One row for each combination of values of the named columns, or of all. */
  dropDuplicates(names?: readonly Names<R>[]): this {
    if (names === undefined) return this.distinct()
    return this.#step((input, context) => dropDuplicatesPlan(input, names, context))
  }

  /**
   * The same over a stream, where keys are forgotten when they are older than the watermark by more than a
   * duration: `dropDuplicatesWithin(['id'], '1 hour')`. Without a stream it is `dropDuplicates`.
   */
  dropDuplicatesWithin(names: readonly Names<R>[], duration: string): this {
    const horizon = BigInt(durationMicros(duration))
    return this.#step((input, context) => dropDuplicatesPlan(input, names, context, horizon))
  }

  /** Rows of both, columns by position; equal rows stay. */
  union<R2>(other: RowSteps<R2> & SameRow<R, R2>): this {
    return this.#with(other, (left, right) => unionPlan([left, right]))
  }

  /** The same as `union`. */
  unionAll<R2>(other: RowSteps<R2> & SameRow<R, R2>): this {
    return this.union<R2>(other)
  }

  /** Rows of both, columns by name; missing ones may be filled with NULL. */
  unionByName<R2>(other: RowSteps<R2> & SameRow<R, R2>, { allowMissingColumns = false } = {}): this {
    const options = { byName: true, allowMissing: allowMissingColumns }
    return this.#with(other, (left, right) => unionPlan([left, right], options))
  }

  /** Rows that are in both, each once. */
  intersect<R2>(other: RowSteps<R2> & SameRow<R, R2>): this {
    return this.#with(other, (left, right) => setPlan(left, right, 'intersect', false))
  }

  /** Rows that are in both, as often as they are. */
  intersectAll<R2>(other: RowSteps<R2> & SameRow<R, R2>): this {
    return this.#with(other, (left, right) => setPlan(left, right, 'intersect', true))
  }

  /** Rows that the other has not, each once. */
  except<R2>(other: RowSteps<R2> & SameRow<R, R2>): this {
    return this.#with(other, (left, right) => setPlan(left, right, 'except', false))
  }

  /** Rows that the other has not as often. */
  exceptAll<R2>(other: RowSteps<R2> & SameRow<R, R2>): this {
    return this.#with(other, (left, right) => setPlan(left, right, 'except', true))
  }

  /** Under a name, so that `col('name.column')` finds its columns after a join. */
  alias(name: string): this {
    return this.#step((input) => aliasPlan(input, name))
  }

  /**
   * A share of the rows, chosen at random: about `fraction` of them, from 0 to 1. The same seed gives the
   * same rows.
   */
  sample(fraction: number, seed: number = Math.floor(Math.random() * 2 ** 31)): this {
    return this.#step((input) => samplePlan(input, fraction, seed))
  }

  /** Rows spread over `partitions` tasks by the hash of columns, or in turn without them. */
  repartition(partitions: number, ...columns: readonly (Names<R> | Column<unknown>)[]): this {
    const keys = columns.map((column) => columnOrName(column).expression)
    return this.same(
      bound(this.lazy, keys, (input, tree, context) => repartitionPlan(input, partitions, tree, context)),
    )
  }

  /** Rows spread over `partitions` tasks. */
  coalesce(partitions: number): this {
    return this.repartition(partitions)
  }

  /**
   * Kept from the first time an action of it, or of what is made of it, runs. `unpersist` of the DataFrame
   * that this gives lets go of the rows.
   */
  persist(level: StorageLevel = 'memory_and_disk'): this {
    return this.lazy instanceof KeptPlan ? this : this.same(new KeptPlan(this.lazy, level))
  }

  /** The same as `persist()`. */
  cache(): this {
    return this.persist()
  }

  /**
   * Lets go of the rows that `persist` keeps; the next action makes them again. What was made of this
   * DataFrame and has been used is to be made again too.
   */
  async unpersist(): Promise<void> {
    if (this.lazy instanceof KeptPlan) await this.lazy.letGo()
  }

  /**
   * The rows written into a new folder, as Parquet, and read from there: what comes after does not depend on
   * how they came about. PATH_ALREADY_EXISTS if the folder is there.
   */
  async checkpoint(path: string): Promise<this> {
    return this.same(await checkpoint(this.lazy, path))
  }

  /** A DataFrame of the same columns over another plan. */
  protected abstract same(lazy: LazyPlan): this

  #step(apply: PlanStep): this {
    return this.same(this.lazy.step(apply))
  }

  #with(other: { readonly lazy: LazyPlan }, apply: (left: Resolved, right: Resolved) => Resolved): this {
    return this.#step(async (left) => apply(left, await other.lazy.resolve()))
  }
}

/** The plan after a step with expressions, whose columns may belong to certain DataFrames. */
export function bound<T>(lazy: LazyPlan, tree: T, apply: TreeStep<T>): LazyPlan {
  const site = captureCallSite()
  return new LazyPlan(lazy.executor, async () => {
    const resolved = await lazy.resolve()
    return await located(site, async () => {
      const { tree: plain, inputs } = await bindFrames(tree, [{ resolved, tokens: [lazy] }])
      return withoutFrames(apply(inputs[0]!, plain, lazy.executor.analyzerContext()))
    })
  })
}
