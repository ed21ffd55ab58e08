import type { AggregateCall, Expr } from '../expr/index.ts'
import type { Schema, Value } from '../types/index.ts'
import {
  aggregateCall,
  anyValue,
  columnCountOf,
  columnIndex,
  expr,
  field,
  fits,
  schema,
  sortKey,
  windowCall,
  withColumns,
} from './check-expr.ts'
import type { Distribution } from './distribution.ts'
import type { PhysicalPlan } from './physical-plan.ts'
import type { RuntimeFilter } from './runtime-filter.ts'
import type { ScanRequestData, SplitData } from './scan-request.ts'
import {
  bool,
  type Check,
  checked,
  double,
  int64,
  integer,
  isObject,
  list,
  nameOf,
  nullable,
  oneOf,
  opaque,
  optional,
  record,
  text,
  texts,
  variants,
  type Walk,
} from './shape-check.ts'
import type { WriteRequestData } from './write-request.ts'

/** Tasks that one stage may have. */
export const MAX_PARTITIONS = 1_000_000

/**
 * The plan, if plain data of an unknown sender are one: all kinds of nodes and expressions known, all members
 * there and of their types, columns within their inputs, counts and depth within bounds. PROTOCOL_ERROR with
 * the path of the first fault. What connectors (splits, options) and user code look at themselves is not
 * looked at.
 */
export function checkPlan(value: unknown): PhysicalPlan {
  return checked(value, planShape, 'plan')
}

const count = integer()
const partitionCount: Check<number> = integer(0, MAX_PARTITIONS)

/** A plan node and all below it. */
export const planShape: Check<PhysicalPlan> = (value, walk) => walk.node(() => anyPlan(value, walk))

/** The node that a member belongs to. */
function nodeAround(walk: Walk): Readonly<Record<string, unknown>> {
  return walk.around.at(-1) ?? {}
}

/**
 * Expressions over the columns of one input of their node, or of both sides of a join one after the other.
 */
function over<T>(side: 'input' | 'left' | 'right' | 'both', check: Check<T>): Check<T> {
  const countOf = (walk: Walk) => {
    const node = nodeAround(walk)
    if (side !== 'both') return columnCountOf(node[side])
    const [left, right] = [columnCountOf(node['left']), columnCountOf(node['right'])]
    return left === null || right === null ? null : left + right
  }
  return withColumns(countOf, check)
}

/** Over the columns that a scan asks its source for. */
function overRequest<T>(check: Check<T>): Check<T> {
  return withColumns((walk) => {
    const node = walk.around.find((each) => each['kind'] === 'ScanExec')
    const columns = isObject(node?.['request']) ? node['request']['columns'] : null
    return Array.isArray(columns) ? columns.length : null
  }, check)
}

/** As many as the node has columns. */
function oneAColumn<T>(check: Check<readonly T[]>): Check<readonly T[]> {
  return (value, walk) => {
    check(value, walk)
    const columns = columnCountOf(nodeAround(walk))
    // The cast holds: the check has seen that it is a list.
    const { length } = value as readonly T[]
    if (length !== columns) walk.fail(`${length} for ${String(columns)} columns`)
  }
}

/** Rows of literal values, each of the type of its column. */
const rows: Check<readonly (readonly Value[])[]> = (value, walk) => {
  anyRows(value, walk)
  // The casts hold: schema and rows have been checked.
  const { fields } = nodeAround(walk)['schema'] as Schema
  for (const row of value as readonly (readonly Value[])[]) {
    if (row.length !== fields.length) walk.fail(`${row.length} values for ${fields.length} columns`)
    row.forEach((each, index) => {
      const { type } = fields[index]!
      if (!fits(each, type)) walk.fail(`${nameOf(each)} is no value of type ${type.kind}`)
    })
  }
}
const anyRows = list(list(anyValue))

/** In `final` the arguments of calls stand for their types only. */
const aggregateCalls: Check<readonly AggregateCall[]> = (value, walk) => {
  const node = nodeAround(walk)
  const readsStates = node['mode'] === 'final' || node['mode'] === 'merge'
  const columns = readsStates ? null : columnCountOf(node['input'])
  withColumns(() => columns, list(aggregateCall))(value, walk)
}

const scanRequest: Check<ScanRequestData> = record<ScanRequestData>({
  options: texts,
  schema,
  columns: list(text),
  predicates: list(
    record<ScanRequestData['predicates'][number]>({
      column: text,
      op: oneOf('=', '<', '<=', '>', '>=', 'in', 'isnull', 'isnotnull'),
      values: list(anyValue),
    }),
  ),
  asCodes: optional(bool),
})

const split: Check<SplitData> = record<SplitData>({
  sizeBytes: double,
  rowCount: optional(double),
  bucket: optional(count),
  hosts: optional(list(text)),
  data: opaque,
})

const runtimeFilter: Check<RuntimeFilter> = record<RuntimeFilter>({
  build: count,
  stageId: nullable(count),
  key: count,
  column: overRequest(columnIndex),
  passing: double,
})

const writeRequest: Check<WriteRequestData> = record<WriteRequestData>({
  options: texts,
  schema,
  mode: oneOf('error', 'append', 'overwrite', 'ignore'),
  partitionColumns: list(text),
  bucketing: optional(record({ columns: list(text), bucketCount: integer(1, MAX_PARTITIONS) })),
  jobId: text,
  stream: optional(record({ queryId: text, batchId: count })),
})

/** How rows are spread; keys and column are over `walk.columnCount`. */
export const distributionShape: Check<Distribution> = variants<Distribution>({
  single: {},
  hash: { keys: list(expr), partitionCount },
  roundRobin: { partitionCount },
  direct: { column: columnIndex, partitionCount },
  forward: { partitionCount },
  broadcast: {},
})

const joinType = oneOf('inner', 'left', 'right', 'full', 'semi', 'anti', 'nullAwareAnti', 'existence')
const loopJoinType = oneOf('inner', 'left', 'right', 'full', 'semi', 'anti', 'existence')
const keysOver = (side: 'input' | 'left' | 'right') => over(side, list(expr))
const condition: Check<Expr | null> = over('both', nullable(expr))
const NODE = { id: count, schema } as const
const UNARY = { ...NODE, input: planShape } as const

const anyPlan: Check<PhysicalPlan> = variants<PhysicalPlan>({
  ScanExec: {
    ...NODE,
    source: text,
    table: text,
    request: scanRequest,
    filter: overRequest(nullable(expr)),
    output: overRequest(nullable(list(columnIndex))),
    partitions: list(list(split)),
    notes: list(text),
    runtimeFilters: list(runtimeFilter),
  },
  ValuesExec: { ...NODE, rows },
  RangeExec: { ...NODE, start: int64, end: int64, step: int64, partitionCount },
  FilterExec: { ...UNARY, predicate: over('input', expr) },
  ProjectExec: { ...UNARY, exprs: oneAColumn(keysOver('input')) },
  LimitExec: { ...UNARY, skip: count, fetch: nullable(count) },
  UnionExec: { ...NODE, inputs: list(planShape) },
  ExpandExec: { ...UNARY, projections: over('input', list(list(expr))) },
  GenerateExec: {
    ...UNARY,
    generator: oneOf('explode', 'posexplode', 'inline', 'stack', 'json_tuple'),
    args: keysOver('input'),
    outer: bool,
    fields: list(field),
  },
  SampleExec: { ...UNARY, fraction: double, seed: double },
  SortExec: {
    ...UNARY,
    keys: over('input', list(sortKey)),
    rangeCount: optional(integer(1, MAX_PARTITIONS)),
  },
  TopNExec: { ...UNARY, keys: over('input', list(sortKey)), skip: count, fetch: count },
  WindowExec: {
    ...UNARY,
    partitionBy: keysOver('input'),
    orderBy: over('input', list(sortKey)),
    calls: over('input', list(windowCall)),
  },
  WindowGroupLimitExec: {
    ...UNARY,
    partitionBy: keysOver('input'),
    orderBy: over('input', list(sortKey)),
    limit: count,
  },
  HashAggregateExec: {
    ...UNARY,
    mode: oneOf('partial', 'final', 'complete', 'merge'),
    keys: keysOver('input'),
    calls: aggregateCalls,
  },
  HashJoinExec: {
    ...NODE,
    left: planShape,
    right: planShape,
    joinType,
    build: oneOf('left', 'right'),
    leftKeys: keysOver('left'),
    rightKeys: keysOver('right'),
    nullSafe: list(bool),
    condition,
  },
  JoinBuildExec: {
    ...UNARY,
    keys: keysOver('input'),
    nullSafe: list(bool),
    keysOnly: bool,
    markingTasks: partitionCount,
    filtered: list(count),
  },
  TableReadExec: { ...NODE, stageId: count },
  NestedLoopJoinExec: { ...NODE, left: planShape, right: planShape, joinType: loopJoinType, condition },
  ExchangeExec: {
    ...UNARY,
    distribution: over('input', distributionShape),
    keep: optional(text),
    storage: optional(oneOf('memory', 'disk')),
  },
  ShuffleReadExec: { ...NODE, stageId: count, partitionCount, broadcast: bool },
  WriteExec: { ...UNARY, sink: text, request: writeRequest },
  UserCodeExec: { ...NODE, input: nullable(planShape), partitionCount, program: opaque },
  TogetherExec: { ...NODE, inputs: list(planShape) },
  EventTimeExec: {
    ...UNARY,
    column: over('input', columnIndex),
    partition: over('input', list(columnIndex)),
    watermark: count,
  },
  LateFilterExec: {
    ...UNARY,
    predicate: over('input', expr),
    late: nullable(record({ sink: text, options: texts, schema, queryId: text, batchId: count })),
  },
  StateReadExec: { ...NODE, operator: count, keyCount: count, partitions: list(list(text)) },
  StateWriteExec: {
    ...UNARY,
    operator: count,
    predicate: over('input', nullable(expr)),
    path: text,
    batchId: count,
    isSnapshot: bool,
  },
})
