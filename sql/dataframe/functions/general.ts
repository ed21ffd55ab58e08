import type { BooleanColumn, ColumnOf, NumericColumn, StringColumn } from '../column-types.ts'
import { define } from '../define-function.ts'
import type {
  Any,
  AnyResult,
  Coalesced,
  Condition,
  DoubleResult,
  Num,
  OrDynamic,
  SameOrNull,
  Text,
  TypeOf,
} from '../function-types.ts'
import type { Int } from '../row-types.ts'

/** The first value that is not NULL. */
export const coalesce: <const A extends readonly Any[]>(...values: A) => ColumnOf<Coalesced<A>> =
  define('coalesce')

/** The value, or another if it is NULL. */
export const ifnull: <const A extends Any, const B extends Any>(
  value: A,
  otherwise: B,
) => ColumnOf<Coalesced<readonly [A, B]>> = define('ifnull')

/** The same as `ifnull`. */
export const nvl: <const A extends Any, const B extends Any>(
  value: A,
  otherwise: B,
) => ColumnOf<Coalesced<readonly [A, B]>> = define('nvl')

/** One value or another, as the first is there or NULL. */
export const nvl2: (value: Any, present: Any, absent: Any) => AnyResult = define('nvl2')

/** NULL where it equals another. */
export const nullif: <A extends Any>(value: A, unwanted: Any) => ColumnOf<OrDynamic<TypeOf<A>, null>> =
  define('nullif')

/** The value, or another if it is NaN. */
export const nanvl: (value: Num, otherwise: Num) => DoubleResult = define('nanvl')

/** NULL where it is zero. */
export const nullifzero: SameOrNull<Num> = define('nullifzero')

/** Zero where it is NULL. */
export const zeroifnull: (value: Num) => AnyResult = define('zeroifnull')

/** Whether it is NULL. */
export const isnull: (value: Any) => BooleanColumn<boolean> = define('isnull')

/** Whether it is not NULL. */
export const isnotnull: (value: Any) => BooleanColumn<boolean> = define('isnotnull')

/** Whether equal, NULL equals NULL. */
export const equalNull: (left: Any, right: Any) => BooleanColumn<boolean> = define('equal_null')

/** One value or another by a condition. */
export const iff: (condition: Condition, present: Any, absent: Any) => AnyResult = define('if')

/** The SQL type as text. */
export const typeof_: (value: Any) => StringColumn<string> = define('typeof')

/** The version of the engine. */
export const version: () => StringColumn<string> = define('version')

/** Number of the task that computes the row. */
export const sparkPartitionId: () => NumericColumn<Int> = define('spark_partition_id')

/** Fails when it is computed. */
export const raiseError: (message: Text) => AnyResult = define('raise_error')

/** Fails where a condition does not hold. */
export const assertTrue: (condition: Condition, message?: Text) => AnyResult = define('assert_true')
