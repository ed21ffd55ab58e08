import type { ColumnOf, NumericColumn } from '../column-types.ts'
import { define, defineDistinct } from '../define-function.ts'
import type {
  Any,
  AnyResult,
  AverageOf,
  BooleanResult,
  Condition,
  DoubleResult,
  Num,
  OrDynamic,
  SameOrNull,
  StringResult,
  SumOf,
  Text,
  TypeOf,
} from '../function-types.ts'
import type { Double, Int, Int64 } from '../row-types.ts'

/** Sum of values that are not NULL; NULL of none. */
export const sum: <A extends Num>(value: A) => ColumnOf<SumOf<TypeOf<A>>> = define('sum')

/** Sum of different values. */
export const sumDistinct: <A extends Num>(value: A) => ColumnOf<SumOf<TypeOf<A>>> = defineDistinct('sum')

/** Sum, or NULL on overflow. */
export const trySum: <A extends Num>(value: A) => ColumnOf<SumOf<TypeOf<A>>> = define('try_sum')

/** Mean of values that are not NULL; NULL of none. */
export const avg: <A extends Num>(value: A) => ColumnOf<AverageOf<TypeOf<A>>> = define('avg')

/** The same as `avg`. */
export const mean: <A extends Num>(value: A) => ColumnOf<AverageOf<TypeOf<A>>> = define('mean')

/** Mean, or NULL on overflow. */
export const tryAvg: <A extends Num>(value: A) => ColumnOf<AverageOf<TypeOf<A>>> = define('try_avg')

/** The smallest value; NULL of none. */
export const min: SameOrNull<Any> = define('min')

/** The largest value; NULL of none. */
export const max: SameOrNull<Any> = define('max')

/** The value of the row where another column is smallest. */
export const minBy: <A extends Any>(value: A, by: Any) => ColumnOf<OrDynamic<TypeOf<A>, null>> =
  define('min_by')

/** The value of the row where another column is largest. */
export const maxBy: <A extends Any>(value: A, by: Any) => ColumnOf<OrDynamic<TypeOf<A>, null>> =
  define('max_by')

/** The value of the first row met. */
export const first: <A extends Any>(value: A, ignoreNulls?: boolean) => ColumnOf<OrDynamic<TypeOf<A>, null>> =
  define('first')

/** The same as `first`. */
export const firstValue: <A extends Any>(
  value: A,
  ignoreNulls?: boolean,
) => ColumnOf<OrDynamic<TypeOf<A>, null>> = define('first_value')

/** The value of the last row met. */
export const last: <A extends Any>(value: A, ignoreNulls?: boolean) => ColumnOf<OrDynamic<TypeOf<A>, null>> =
  define('last')

/** The same as `last`. */
export const lastValue: <A extends Any>(
  value: A,
  ignoreNulls?: boolean,
) => ColumnOf<OrDynamic<TypeOf<A>, null>> = define('last_value')

/** The value of some row. */
export const anyValue: <A extends Any>(
  value: A,
  ignoreNulls?: boolean,
) => ColumnOf<OrDynamic<TypeOf<A>, null>> = define('any_value')

/** The value of the n-th row of the window frame. */
export const nthValue: <A extends Any>(value: A, n: number) => ColumnOf<OrDynamic<TypeOf<A>, null>> =
  define('nth_value')

/** Number of different values without NULL. */
export const countDistinct: (...values: readonly Any[]) => NumericColumn<Int64> = defineDistinct('count')

/** Number of rows where a condition is TRUE. */
export const countIf: (condition: Condition) => NumericColumn<Int64> = define('count_if')

/** Number of different values, nearly. */
export const approxCountDistinct: (value: Any, error?: number) => NumericColumn<Int64> =
  define('approx_count_distinct')

/** Standard deviation of a sample. */
export const stddev: (value: Num) => DoubleResult = define('stddev')

/** The same as `stddev`. */
export const std: (value: Num) => DoubleResult = define('std')

/** The same as `stddev`. */
export const stddevSamp: (value: Num) => DoubleResult = define('stddev_samp')

/** Standard deviation of all. */
export const stddevPop: (value: Num) => DoubleResult = define('stddev_pop')

/** Variance of a sample. */
export const variance: (value: Num) => DoubleResult = define('variance')

/** The same as `variance`. */
export const varSamp: (value: Num) => DoubleResult = define('var_samp')

/** Variance of all. */
export const varPop: (value: Num) => DoubleResult = define('var_pop')

/** Skewness. */
export const skewness: (value: Num) => DoubleResult = define('skewness')

/** Kurtosis beyond that of the normal distribution. */
export const kurtosis: (value: Num) => DoubleResult = define('kurtosis')

/** Correlation. */
export const corr: (left: Num, right: Num) => DoubleResult = define('corr')

/** Covariance of a sample. */
export const covarSamp: (left: Num, right: Num) => DoubleResult = define('covar_samp')

/** Covariance of all. */
export const covarPop: (left: Num, right: Num) => DoubleResult = define('covar_pop')

/** The middle value. */
export const median: (value: Num) => DoubleResult = define('median')

/** The most frequent value. */
export const mode: SameOrNull<Any> = define('mode')

/** Exact percentile, between values if need be. */
export const percentile: (value: Num, fraction: number | readonly number[]) => AnyResult =
  define('percentile')

/** Percentile, nearly: one of the values. */
export const percentileApprox: (
  value: Num,
  fraction: number | readonly number[],
  accuracy?: number,
) => AnyResult = define('percentile_approx')

/** The same as `percentileApprox`. */
export const approxPercentile: (
  value: Num,
  fraction: number | readonly number[],
  accuracy?: number,
) => AnyResult = define('approx_percentile')

/** Values that are not NULL as an array. */
export const collectList: <A extends Any>(
  value: A,
) => ColumnOf<readonly OrDynamic<NonNullable<TypeOf<A>>>[]> = define('collect_list')

/** The same as `collectList`. */
export const arrayAgg: <A extends Any>(value: A) => ColumnOf<readonly OrDynamic<NonNullable<TypeOf<A>>>[]> =
  define('array_agg')

/** Different values that are not NULL as an array. */
export const collectSet: <A extends Any>(value: A) => ColumnOf<readonly OrDynamic<NonNullable<TypeOf<A>>>[]> =
  define('collect_set')

/** Strings as one, with a delimiter. */
export const listagg: (value: Text, delimiter?: string) => StringResult = define('listagg', 1)

/** The same as `listagg`. */
export const stringAgg: (value: Text, delimiter?: string) => StringResult = define('string_agg', 1)

/** Whether a condition holds for all. */
export const boolAnd: (condition: Condition) => BooleanResult = define('bool_and')

/** The same as `boolAnd`. */
export const every: (condition: Condition) => BooleanResult = define('every')

/** Whether a condition holds for one. */
export const boolOr: (condition: Condition) => BooleanResult = define('bool_or')

/** The same as `boolOr`. */
export const some: (condition: Condition) => BooleanResult = define('some')

/** The same as `boolOr`. */
export const any: (condition: Condition) => BooleanResult = define('any')

/** Bits that all have. */
export const bitAnd: SameOrNull<Num> = define('bit_and')

/** Bits that one has. */
export const bitOr: SameOrNull<Num> = define('bit_or')

/** Bits that an odd number has. */
export const bitXor: SameOrNull<Num> = define('bit_xor')

/** 1 if a column is not part of the grouping set, 0 if it is. */
export const grouping: (key: Any) => NumericColumn<Int> = define('grouping')

/** The bits of `grouping` as one number. */
export const groupingId: (...keys: readonly Any[]) => NumericColumn<Int64> = define('grouping_id')

/** Number of the row in its window, from 1. */
export const rowNumber: () => NumericColumn<Int> = define('row_number')

/** Rank with gaps after equals. */
export const rank: () => NumericColumn<Int> = define('rank')

/** Rank without gaps. */
export const denseRank: () => NumericColumn<Int> = define('dense_rank')

/** Rank as a fraction from 0 to 1. */
export const percentRank: () => NumericColumn<Double> = define('percent_rank')

/** Fraction of rows up to this one. */
export const cumeDist: () => NumericColumn<Double> = define('cume_dist')

/** Number of the group of nearly equal size. */
export const ntile: (groups: number) => NumericColumn<Int> = define('ntile')

/** The value some rows before. */
export const lag: <A extends Any>(
  value: A,
  offset?: number,
  otherwise?: unknown,
) => ColumnOf<OrDynamic<TypeOf<A>, null>> = define('lag', 1)

/** The value some rows after. */
export const lead: <A extends Any>(
  value: A,
  offset?: number,
  otherwise?: unknown,
) => ColumnOf<OrDynamic<TypeOf<A>, null>> = define('lead', 1)
