import { isNumeric } from '../../engine/types/index.ts'
import { type AnalyzerContext, aggregatePlan, type Resolved, visibleColumns } from '../analyzer/index.ts'
import type { SelectItem } from '../parser/index.ts'
import { selectItemOf } from './column.ts'
import type { Column, Columns } from './column-types.ts'
import type { DataFrame } from './data-frame.ts'
import { callOf } from './define-function.ts'
import type { LazyPlan } from './lazy-plan.ts'
import { pick } from './row-columns.ts'
import { bound } from './row-steps.ts'
import type { DynamicRow, Int64, Merged, Names, Selected, WithColumn } from './row-types.ts'

/** What `agg` takes: a named column, an object of columns, or a callback that gives one. */
export type Aggregation<R> =
  | Column<unknown>
  | Readonly<Record<string, Column<unknown>>>
  | ((row: Columns<R>) => Readonly<Record<string, Column<unknown>>>)

type MakeFrame = <T extends object>(lazy: LazyPlan) => DataFrame<T>

/** Rows in groups of equal keys. `agg` makes a table of it: the keys first, then the aggregates. */
export class GroupedData<R extends object, K> {
  readonly #lazy: LazyPlan
  readonly #keys: readonly SelectItem[]
  readonly #form: 'plain' | 'rollup' | 'cube'
  readonly #make: MakeFrame

  /** Made by `groupBy`, `rollup` and `cube`. */
  constructor(
    lazy: LazyPlan,
    keys: readonly SelectItem[],
    form: 'plain' | 'rollup' | 'cube',
    make: MakeFrame,
  ) {
    this.#lazy = lazy
    this.#keys = keys
    this.#form = form
    this.#make = make
  }

  /** One row for each group: `agg((r) => ({ total: sum(r.amount), n: count() }))`. */
  agg<const S extends readonly Aggregation<R>[]>(...aggregates: S): DataFrame<Merged<K, Selected<R, S>>> {
    return this.#make(this.#aggregate(pick(aggregates).items))
  }

  /** Rows of each group, as column `count`. */
  count(): DataFrame<WithColumn<K, 'count', Int64>> {
    return this.#make(this.#aggregate([selectItemOf(callOf('count', ['*']).as('count'))]))
  }

  /** Sums of numeric columns (all if none is named), as columns `sum(name)`. */
  sum(...names: readonly Names<R>[]): DataFrame<DynamicRow> {
    return this.#each('sum', names)
  }

  /** Means of numeric columns, as columns `avg(name)`. */
  avg(...names: readonly Names<R>[]): DataFrame<DynamicRow> {
    return this.#each('avg', names)
  }

  /** The same as `avg`. */
  mean(...names: readonly Names<R>[]): DataFrame<DynamicRow> {
    return this.#each('avg', names)
  }

  /** Smallest values of numeric columns, as columns `min(name)`. */
  min(...names: readonly Names<R>[]): DataFrame<DynamicRow> {
    return this.#each('min', names)
  }

  /** Largest values of numeric columns, as columns `max(name)`. */
  max(...names: readonly Names<R>[]): DataFrame<DynamicRow> {
    return this.#each('max', names)
  }

  #each(name: string, names: readonly string[]): DataFrame<DynamicRow> {
    const keys = new Set(
      this.#keys.map(({ expression }) => (expression.kind === 'column' ? expression.parts.at(-1) : '')),
    )
    const itemsOf = (input: Resolved): SelectItem[] => {
      const numeric = visibleColumns(input.scope).filter(
        (column) => isNumeric(column.type) && !keys.has(column.name),
      )
      const wanted =
        names.length > 0 ? names : numeric.map((column) => `\`${column.name.replaceAll('`', '``')}\``)
      return wanted.map((column) => selectItemOf(callOf(name, [column])))
    }
    return this.#make(this.#aggregate(itemsOf))
  }

  /** The items may depend on the columns of the input. */
  #aggregate(items: readonly SelectItem[] | ((input: Resolved) => readonly SelectItem[])): LazyPlan {
    const form = this.#form
    const apply = (input: Resolved, tree: GroupTree, context: AnalyzerContext): Resolved =>
      aggregatePlan(input, tree.keys, typeof items === 'function' ? items(input) : tree.items, context, form)
    return bound(this.#lazy, { keys: this.#keys, items: typeof items === 'function' ? [] : items }, apply)
  }
}

interface GroupTree {
  readonly keys: readonly SelectItem[]
  readonly items: readonly SelectItem[]
}
