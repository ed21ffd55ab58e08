import type { AggregateCall, Expr, SortKey } from '../expr/index.ts'
import { checkDataType, type DataType, type Field, type Schema, type Value } from '../types/index.ts'
import {
  bool,
  type Check,
  integer,
  isObject,
  list,
  nameOf,
  nullable,
  oneOf,
  optional,
  record,
  text,
  variants,
  type Walk,
} from './shape-check.ts'
import type { FrameBound, WindowCall, WindowFrame } from './window-call.ts'

export const dataType: Check<DataType> = (value, walk) => {
  if (checkDataType(value) === null) walk.fail('not a type')
}

export const field: Check<Field> = record<Field>({ name: text, type: dataType, nullable: bool })

export const schema: Check<Schema> = record<Schema>({ fields: list(field) })

/** A value of any type. */
export const anyValue: Check<Value> = (value, walk) => {
  if (value === null || VALUE_TYPES.has(typeof value) || value instanceof Uint8Array) return
  if (Array.isArray(value)) anyValues(value, walk)
  else walk.fail(`${nameOf(value)} where a value belongs`)
}
const VALUE_TYPES: ReadonlySet<string> = new Set(['boolean', 'number', 'bigint', 'string'])
const anyValues: Check<readonly Value[]> = list((value, walk) => anyValue(value, walk))

/** Whether a value may stand in a column of the type; inside lists, structs and maps it is not looked at. */
export function fits(value: unknown, type: DataType): boolean {
  if (value === null) return true
  switch (type.kind) {
    case 'null':
      return false
    case 'boolean':
      return typeof value === 'boolean'
    case 'int8':
    case 'int16':
    case 'int32':
    case 'float32':
    case 'float64':
    case 'date':
    case 'interval_ym':
      return typeof value === 'number'
    case 'int64':
    case 'decimal':
    case 'timestamp':
    case 'timestamp_ntz':
    case 'interval_dt':
      return typeof value === 'bigint'
    case 'string':
      return typeof value === 'string'
    case 'binary':
      return value instanceof Uint8Array
    case 'list':
    case 'map':
    case 'struct':
      return Array.isArray(value)
  }
}

/** A column of the input, by index. */
export const columnIndex: Check<number> = (value, walk) => {
  anyIndex(value, walk)
  // The cast holds: the line above has checked it.
  if (walk.columnCount !== null && (value as number) >= walk.columnCount)
    walk.fail(`column ${String(value)} of an input with ${walk.columnCount} columns`)
}
const anyIndex = integer(0, 1_000_000)

/** The value of a literal, whose type stands beside it. */
const literalValue: Check<Value> = (value, walk) => {
  anyValue(value, walk)
  const type = checkDataType(walk.around.at(-1)?.['type'])
  if (type !== null && !fits(value, type)) walk.fail(`${nameOf(value)} is no value of type ${type.kind}`)
}

/** An expression over `walk.columnCount` columns. */
export const expr: Check<Expr> = (value, walk) => walk.node(() => anyExpr(value, walk))
const exprs = list(expr)

const anyExpr: Check<Expr> = variants<Expr>({
  column: { index: columnIndex, name: text, type: dataType },
  literal: { value: literalValue, type: dataType },
  call: { name: text, args: exprs, type: dataType },
  cast: { input: expr, type: dataType, safe: bool },
  and: { operands: exprs, type: record({ kind: oneOf('boolean') }) },
  or: { operands: exprs, type: record({ kind: oneOf('boolean') }) },
  case: { branches: list(record({ when: expr, then: expr })), otherwise: nullable(expr), type: dataType },
  lambda: {
    params: list(record({ id: integer(), name: text, type: dataType })),
    body: expr,
    type: dataType,
  },
  variable: { id: integer(), name: text, type: dataType },
  user: { name: text, functionId: text, args: exprs, type: dataType },
})

export const sortKey: Check<SortKey> = record<SortKey>({ expr, descending: bool, nullsFirst: bool })

const AGGREGATE_CALL = {
  name: text,
  args: exprs,
  distinct: bool,
  filter: nullable(expr),
  order: list(sortKey),
  type: dataType,
} as const

export const aggregateCall: Check<AggregateCall> = record<AggregateCall>(AGGREGATE_CALL)

const frameBound: Check<FrameBound> = variants<FrameBound>({
  unboundedPreceding: {},
  preceding: { offset: anyValue },
  currentRow: {},
  following: { offset: anyValue },
  unboundedFollowing: {},
})

export const windowCall: Check<WindowCall> = record<WindowCall>({
  ...AGGREGATE_CALL,
  isAggregate: bool,
  frame: record<WindowFrame>({
    unit: oneOf('rows', 'range'),
    start: frameBound,
    end: frameBound,
    offsetType: optional(dataType),
  }),
  ignoreNulls: bool,
})

/** The same check where only `columnCount` columns may be named; null: any. */
export function withColumns<T>(countOf: (walk: Walk) => number | null, check: Check<T>): Check<T> {
  return (value, walk) => {
    const before = walk.columnCount
    walk.columnCount = countOf(walk)
    check(value, walk)
    walk.columnCount = before
  }
}

/** Columns of a plan that has not been checked yet; null if it says nothing of them. */
export function columnCountOf(plan: unknown): number | null {
  const fields = isObject(plan) && isObject(plan['schema']) ? plan['schema']['fields'] : null
  return Array.isArray(fields) ? fields.length : null
}
