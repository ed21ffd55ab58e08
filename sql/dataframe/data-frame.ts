import { dropPlan, renamePlan, selectPlan, watermarkPlan } from '../analyzer/index.ts'
import { selectItemOf } from './column.ts'
import { parseSelectItems } from './column-functions.ts'
import type { Column, ColumnOf, Columns } from './column-types.ts'
import { describePlan } from './describe.ts'
import { type Aggregation, GroupedData } from './grouped.ts'
import { type JoinOn, joinLazy } from './join.ts'
import { LazyPlan } from './lazy-plan.ts'
import { dropNulls, type FillValues, fillNulls, type NullsToDrop } from './missing-values.ts'
import { columnFrom, pick, rowColumns } from './row-columns.ts'
import { castToSchema, renameAll, withItems } from './row-shape.ts'
import { bound, RowSteps } from './row-steps.ts'
import type {
  DescribedRow,
  DynamicRow,
  Filled,
  Joined,
  JoinHow,
  Names,
  NotNull,
  OrNull,
  RenamedColumn,
  Selected,
  ValueOf,
  WithColumn,
  WithColumns,
  WithoutColumns,
} from './row-types.ts'
import type { TableSchema } from './schema.ts'
import { DataStreamWriter } from './stream-writer.ts'

/** What `select` and `groupBy` take: names, columns, and callbacks that give columns by name. */
export type Selectable<R> =
  | Names<R>
  | Column<unknown>
  | ((row: Columns<R>) => Readonly<Record<string, Column<unknown>>>)

/**
 * A table that is described, not computed: every method gives another one at once, and only actions
 * (`collect`, `count`, `show`, `write`, `for await`, …) read anything. R says the columns and the types of
 * their values; with DynamicRow, the default, any name compiles, and errors come when an action runs.
 */
export class DataFrame<R extends object = DynamicRow> extends RowSteps<R> {
  /**
   * A column of this DataFrame, also where another one has the same name. The name is checked by the
   * compiler.
   */
  col<K extends Names<R>>(name: K): ColumnOf<R[K]> {
    return (rowColumns(this.lazy) as Readonly<Record<string, unknown>>)[name] as ColumnOf<R[K]>
  }

  /**
   * Columns by name, by expression, or by a callback: `select('a', (r) => ({ total: r.price.times(r.quantity)
   * }))`.
   */
  select<const S extends readonly Selectable<R>[]>(...columns: S): DataFrame<Selected<R, S>> {
    const { items, withAll } = pick(columns)
    return new DataFrame(bound(this.lazy, items, withAll ? withItems : selectPlan))
  }

  /** Columns as SQL: `selectExpr('a', 'price * quantity AS total')`. */
  selectExpr(...texts: readonly string[]): DataFrame {
    const items = texts.flatMap(parseSelectItems)
    return new DataFrame(this.lazy.step((input, context) => selectPlan(input, items, context)))
  }

  /**
   * With a column added, or replaced in its place: `withColumn('total', (r) => r.price.times(r.quantity))`.
   */
  withColumn<const N extends string, C extends Column<unknown>>(
    name: N,
    column: C | ((row: Columns<R>) => C),
  ): DataFrame<WithColumn<R, N, ValueOf<C>>> {
    return new DataFrame(bound(this.lazy, [selectItemOf(columnFrom(column).as(name))], withItems))
  }

  /** With several columns added or replaced. All are computed from the columns as they were. */
  withColumns<C extends Readonly<Record<string, Column<unknown>>>>(
    columns: C | ((row: Columns<R>) => C),
  ): DataFrame<WithColumns<R, C>> {
    return new DataFrame(bound(this.lazy, pick([columns]).items, withItems))
  }

  /** With a column under another name. */
  withColumnRenamed<const K extends Names<R>, const N extends string>(
    from: K,
    to: N,
  ): DataFrame<RenamedColumn<R, K, N>> {
    return new DataFrame(this.lazy.step((input) => renamePlan(input, { [from]: to })))
  }

  /** With all columns under other names, in order. */
  toDF(...names: readonly string[]): DataFrame {
    return new DataFrame(this.lazy.step((input) => renameAll(input, names)))
  }

  /** Without columns. */
  drop<const K extends readonly Names<R>[]>(...names: K): DataFrame<WithoutColumns<R, K[number]>> {
    return new DataFrame(this.lazy.step((input) => dropPlan(input, names)))
  }

  /** Groups of rows with equal keys, for `agg`. */
  groupBy<const K extends readonly Selectable<R>[]>(...keys: K): GroupedData<R, Selected<R, K>> {
    return new GroupedData(this.lazy, pick(keys).items, 'plain', newFrame)
  }

  /** Groups by all keys, by all but the last, and so on down to none. Keys that are left out are NULL. */
  rollup<const K extends readonly Selectable<R>[]>(...keys: K): GroupedData<R, OrNull<Selected<R, K>>> {
    return new GroupedData(this.lazy, pick(keys).items, 'rollup', newFrame)
  }

  /** Groups by every subset of the keys. Keys that are left out are NULL. */
  cube<const K extends readonly Selectable<R>[]>(...keys: K): GroupedData<R, OrNull<Selected<R, K>>> {
    return new GroupedData(this.lazy, pick(keys).items, 'cube', newFrame)
  }

  /** Aggregates over all rows: one row. */
  agg<const S extends readonly Aggregation<R>[]>(...aggregates: S): DataFrame<Selected<R, S>> {
    return new DataFrame(bound(this.lazy, pick(aggregates).items, selectPlan))
  }

  /**
   * Pairs of rows of two tables: by columns of both (`'id'` or `['a', 'b']`, which then come once), or by a
   * condition, best as a callback: `(left, right) => left.id.eq(right.userId)`.
   */
  join<R2 extends object, const O extends JoinOn<R, R2>, const H extends JoinHow = 'inner'>(
    other: DataFrame<R2>,
    on: O,
    how?: H,
  ): DataFrame<Joined<R, R2, O, H>> {
    return new DataFrame(joinLazy(this.lazy, other.lazy, on, how ?? 'inner'))
  }

  /**
   * Says which column of a stream is the time of the event, and how late it may come: `withWatermark('time',
   * '10 minutes')`.
   */
  withWatermark(column: Names<R>, delay: string): DataFrame<R> {
    return new DataFrame(this.lazy.step((input, context) => watermarkPlan(input, column, delay, context)))
  }

  /** Where the rows of a stream go. */
  get writeStream(): DataStreamWriter<R> {
    const { executor } = this.lazy
    return new DataStreamWriter(this.lazy, (make) => new DataFrame<R>(new LazyPlan(executor, make)))
  }

  /** Every row with every row. */
  crossJoin<R2 extends object>(other: DataFrame<R2>): DataFrame<Joined<R, R2, never, 'cross'>> {
    return new DataFrame(joinLazy(this.lazy, other.lazy, undefined, 'cross'))
  }

  /**
   * The same rows under another row type. With a schema, columns are taken by name and cast, and what is
   * missing or does not fit is an error when an action runs. With only a type nothing is checked: `as<{ id:
   * number }>()` is your word.
   */
  as<T extends object>(schema?: TableSchema<T>): DataFrame<T> {
    if (schema === undefined) return new DataFrame(this.lazy)
    return new DataFrame(this.lazy.step((input, context) => castToSchema(input, schema, context)))
  }

  /**
   * With a value in place of NULL, in columns of its type (numbers, strings, booleans), or in those named.
   */
  fillna<const V extends FillValues<R>>(values: V): DataFrame<Filled<R, V>> {
    return new DataFrame(this.lazy.step((input, context) => fillNulls(input, values, context)))
  }

  /**
   * Without rows that have NULL in one of the named columns, or in any. With `{ how: 'all' }`: in all of
   * them.
   */
  dropna<const O extends NullsToDrop<R> = object>(options?: O): DataFrame<NotNull<R, O>> {
    return new DataFrame(
      this.lazy.step((input, context) =>
        dropNulls(input, (options ?? {}) as NullsToDrop<Record<string, unknown>>, context),
      ),
    )
  }

  /** Count, mean, standard deviation, minimum and maximum of columns, as text. */
  describe(...names: readonly Names<R>[]): DataFrame<DescribedRow> {
    return new DataFrame(this.lazy.step((input, context) => describePlan(input, names, context)))
  }

  /** What a function makes of it: `df.transform(withTotals)`. */
  transform<T>(change: (frame: DataFrame<R>) => T): T {
    return change(this)
  }

  protected override same(lazy: LazyPlan): this {
    return new DataFrame<R>(lazy) as this
  }
}

/** A DataFrame over a plan; given to GroupedData, which this file needs. */
function newFrame<T extends object>(lazy: LazyPlan): DataFrame<T> {
  return new DataFrame<T>(lazy)
}
