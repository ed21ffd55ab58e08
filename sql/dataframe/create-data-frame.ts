import { setImmediate } from 'node:timers/promises'
import { EngineError } from '../../engine/errors.ts'
import { fromPublic } from '../../engine/run/index.ts'
import {
  type DataType,
  DayTimeInterval,
  Decimal,
  decimalType,
  type Field,
  LocalDate,
  LocalTimestamp,
  listType,
  MonthInterval,
  mapType,
  type Schema,
  structType,
  Timestamp,
  types,
  type Value,
} from '../../engine/types/index.ts'
import { resolvedOf } from '../analyzer/index.ts'
import { type Column, newColumn } from '../plan/index.ts'
import { captureCallSite } from './call-site.ts'
import { DataFrame } from './data-frame.ts'
import type { PlanExecutor } from './executor.ts'
import { LazyPlan, located } from './lazy-plan.ts'
import type { RowOfObject } from './row-types.ts'
import type { TableSchema } from './schema.ts'

/**
 * Objects of the program as a table; the rows travel in the plan. Without a schema types are inferred from
 * all rows: numbers are int if all are whole and fit, else double; bigint is bigint; Date is timestamp. A
 * schema converts, and DATATYPE_MISMATCH names the column that does not fit.
 */
export function createDataFrame<T extends object>(
  executor: PlanExecutor,
  rows: readonly T[],
): DataFrame<RowOfObject<T>>
export function createDataFrame<R extends object>(
  executor: PlanExecutor,
  rows: readonly object[],
  schema: TableSchema<R>,
): DataFrame<R>
export function createDataFrame(
  executor: PlanExecutor,
  rows: readonly object[],
  given?: Schema,
): DataFrame<object> {
  const site = captureCallSite()
  const make = async () => {
    const schema = given ?? inferSchema(rows)
    const columns = schema.fields.map(({ name, type, nullable }) => newColumn(name, type, nullable))
    const values = await convertRows(rows, columns)
    return resolvedOf({ kind: 'Values', columns, rows: values })
  }
  return new DataFrame(new LazyPlan(executor, () => located(site, make)))
}

/** Members by column as values of the engine. The event loop gets a turn every few milliseconds. */
async function convertRows(rows: readonly object[], columns: readonly Column[]): Promise<Value[][]> {
  const values: Value[][] = []
  let turn = performance.now()
  for (const row of rows) {
    values.push(columns.map(({ name, type }) => fromPublic(memberOf(row, name), type, name)))
    if (values.length % 64 !== 0 || performance.now() - turn < 5) continue
    await setImmediate()
    turn = performance.now()
  }
  return values
}

function memberOf(row: object, name: string): unknown {
  return (row as Readonly<Record<string, unknown>>)[name]
}

/** The columns of objects: every name of any of them, in the order met. */
export function inferSchema(rows: readonly object[]): Schema {
  return { fields: inferFields(rows) }
}

function inferFields(rows: readonly object[]): Field[] {
  const names = new Set(rows.flatMap((row) => Object.keys(row)))
  return [...names].map((name): Field => {
    const values = rows.map((row) => memberOf(row, name))
    const isNullable = values.some((value) => value === null || value === undefined)
    return { name, type: inferType(values, name), nullable: isNullable }
  })
}

/** The one type that all values have; NULL and undefined fit every type. */
function inferType(values: readonly unknown[], column: string): DataType {
  const present = values.filter((value) => value !== null && value !== undefined)
  if (present.length === 0) return types.null
  if (present.every((value) => typeof value === 'number'))
    return present.every(isInt32) ? types.int32 : types.float64
  if (present.every((value) => typeof value === 'bigint')) return types.int64
  const isText = present.every((value) => typeof value === 'string')
  if (isText) return types.string
  if (present.every((value) => typeof value === 'boolean')) return types.boolean
  if (present.every((value) => value instanceof Decimal)) return decimalOf(present)
  for (const [kind, type] of CLASSES) if (present.every((value) => value instanceof kind)) return type
  if (present.every(Array.isArray)) return listType(inferType((present as unknown[][]).flat(), column))
  if (present.every((value) => value instanceof Map))
    return inferMap(present as Map<unknown, unknown>[], column)
  if (present.every((value) => typeof value === 'object')) return structType(inferFields(present as object[]))
  throw new EngineError('DATATYPE_MISMATCH', `column "${column}" has values of different types`, {
    hint: 'Give a schema, or make the values of one type.',
  })
}

const CLASSES: readonly (readonly [abstract new (...args: never[]) => object, DataType])[] = [
  [Date, types.timestamp],
  [Timestamp, types.timestamp],
  [LocalTimestamp, types.timestampNtz],
  [LocalDate, types.date],
  [MonthInterval, types.intervalYm],
  [DayTimeInterval, types.intervalDt],
  [Uint8Array, types.binary],
]

function isInt32(value: unknown): boolean {
  return typeof value === 'number' && value === (value | 0) && !Object.is(value, -0)
}

function decimalOf(values: readonly Decimal[]): DataType {
  const scale = Math.max(...values.map((value) => value.scale))
  const whole = Math.max(...values.map(({ unscaled, scale: own }) => digits(unscaled) - own), 1)
  return decimalType(Math.min(38, Math.max(whole + scale, 1)), scale)
}

function digits(unscaled: bigint): number {
  return (unscaled < 0n ? -unscaled : unscaled).toString().length
}

function inferMap(maps: readonly Map<unknown, unknown>[], column: string): DataType {
  const entries = maps.flatMap((map) => [...map])
  return mapType(
    inferType(
      entries.map(([key]) => key),
      column,
    ),
    inferType(
      entries.map(([, value]) => value),
      column,
    ),
  )
}
