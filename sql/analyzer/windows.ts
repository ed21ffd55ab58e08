import type { Expr, SortKey } from '../../engine/expr/index.ts'
import type { FrameBound, WindowCall, WindowFrame } from '../../engine/plan/index.ts'
import { isNumeric, typeName, types } from '../../engine/types/index.ts'
import { type FrameBound as AstBound, type Call, formatExpression, type WindowSpec } from '../parser/index.ts'
import { columnExpr, type LogicalPlan, newColumn } from '../plan/index.ts'
import { aggregateCall, sortKey } from './aggregates.ts'
import { locate, userError } from './check.ts'
import { castTo } from './coerce-types.ts'
import type { Environment, FoundWindow } from './environment.ts'
import { callKey, exprKey, sortKeysKey } from './expr-key.ts'
import { literalValue, unresolvedRoutine } from './scalar-calls.ts'

/** A call with OVER: notes it in the sink and reads its column. */
export function resolveWindow(call: Call, name: string, environment: Environment): Expr {
  const sink = environment.windows
  const { functions } = environment.analysis.context
  if (sink === null) {
    const place =
      environment.inside === null
        ? environment.clause
        : `the arguments of another ${environment.inside} function`
    throw userError(
      environment.clause === 'WHERE' ? 'WINDOW_FUNCTION_NOT_ALLOWED_IN_CLAUSE' : 'UNSUPPORTED_FEATURE',
      `window function "${name}" may not stand in ${place}`,
      call.position,
      'Compute it in a subquery, or filter with QUALIFY.',
    )
  }
  if (call.distinct === true)
    throw userError(
      'DISTINCT_WINDOW_FUNCTION_UNSUPPORTED',
      'DISTINCT in a window function is not supported',
      call.position,
    )
  const inner: Environment = { ...environment, windows: null, inside: 'window' }
  const spec = completeSpec(call.over!, sink.named)
  const partitionBy = spec.partitionBy.map((part) => inner.resolve(part, inner))
  const orderBy = spec.orderBy.map((item) => sortKey(item, inner.resolve(item.expression, inner)))
  const isAggregate = functions.window(name) === undefined
  if (isAggregate && functions.aggregate(name) === undefined)
    throw functions.scalar(name) === undefined
      ? unresolvedRoutine(call.name, environment, call.position)
      : userError('UNSUPPORTED_EXPR_FOR_WINDOW', `"${name}" is no window function`, call.position)
  if (!isAggregate && orderBy.length === 0 && NEEDS_ORDER.has(name))
    throw userError(
      'WINDOW_FUNCTION_FRAME_NOT_ORDERED',
      `window function "${name}" needs an ORDER BY in its window`,
      call.position,
      `Write ${name}(…) OVER (ORDER BY …).`,
    )
  const frame = checkedFrame(resolveFrame(spec, orderBy, inner), call.position)
  const shared = { isAggregate, frame, ignoreNulls: call.nulls === 'ignore' }
  const found = isAggregate
    ? aggregateCall({ ...call, nulls: undefined }, name, inner)
    : windowCall(call, name, inner)
  const window = { partitionBy, orderBy, call: { ...found, ...shared } }
  const key = windowKey(window)
  const known = sink.found.find((other) => windowKey(other) === key)
  if (known !== undefined) return columnExpr(known.column)
  const column = newColumn(formatExpression(call), found.type, !NEVER_NULL.has(found.name))
  sink.found.push({ column, ...window })
  return columnExpr(column)
}

/** The same for window calls that compute the same. */
function windowKey({ partitionBy, orderBy, call }: Omit<FoundWindow, 'column'>): string {
  const frame = JSON.stringify(call.frame, (_, part: unknown) =>
    typeof part === 'bigint' ? `${part}n` : part,
  )
  const keys = [callKey(call), ...partitionBy.map(exprKey), sortKeysKey(orderBy), frame, call.ignoreNulls]
  return keys.join('/')
}

const NEEDS_ORDER: ReadonlySet<string> = new Set([
  'row_number',
  'rank',
  'dense_rank',
  'percent_rank',
  'cume_dist',
  'ntile',
  'lag',
  'lead',
])
const NEVER_NULL: ReadonlySet<string> = new Set([
  'row_number',
  'rank',
  'dense_rank',
  'percent_rank',
  'cume_dist',
  'ntile',
  'count',
])

function windowCall(
  call: Call,
  name: string,
  environment: Environment,
): Omit<WindowCall, 'isAggregate' | 'frame' | 'ignoreNulls'> {
  const found = environment.analysis.context.functions.window(name)!
  const args = call.args.map((arg) => environment.resolve(arg, environment))
  const signature = locate(call.position, () =>
    found.resolve(
      args.map(({ type }) => type),
      args.map(literalValue),
    ),
  )
  return {
    name: found.name,
    args: args.map((arg, index) => castTo(arg, signature.args[index] ?? arg.type)),
    distinct: false,
    filter: call.filter === undefined ? null : environment.resolve(call.filter, environment),
    order: [],
    type: signature.returns,
  }
}

/** The window with what it takes from the named one it is based on. */
function completeSpec(spec: WindowSpec, named: ReadonlyMap<string, WindowSpec>, depth = 0): WindowSpec {
  if (spec.base === undefined) return spec
  const base = named.get(spec.base.toLowerCase())
  if (base === undefined || depth > named.size)
    throw userError(
      'MISSING_WINDOW_SPECIFICATION',
      `window "${spec.base}" is not defined`,
      spec.position,
      'Define it in the WINDOW clause.',
    )
  const full = completeSpec(base, named, depth + 1)
  return {
    ...spec,
    partitionBy: spec.partitionBy.length > 0 ? spec.partitionBy : full.partitionBy,
    orderBy: spec.orderBy.length > 0 ? spec.orderBy : full.orderBy,
    frame: spec.frame ?? full.frame,
  }
}

/** DATATYPE_MISMATCH if a frame ends before it begins. */
function checkedFrame(frame: WindowFrame, position: Call['position']): WindowFrame {
  const { start, end } = frame
  const order = BOUND_ORDER.indexOf(start.kind) - BOUND_ORDER.indexOf(end.kind)
  const isSame = order === 0 && 'offset' in start && 'offset' in end
  const first = isSame && start.kind === 'preceding' ? end : start
  const last = first === start ? end : start
  const isWrong = isSame && 'offset' in first && 'offset' in last && first.offset! > last.offset!
  if (order <= 0 && !isWrong) return frame
  throw userError('DATATYPE_MISMATCH', 'the frame of a window ends before it begins', position)
}

const BOUND_ORDER = ['unboundedPreceding', 'preceding', 'currentRow', 'following', 'unboundedFollowing']

/**
 * The frame, or SQL's default: up to the current row's peers if there is an order, else the whole partition.
 */
function resolveFrame(spec: WindowSpec, orderBy: readonly SortKey[], environment: Environment): WindowFrame {
  const { frame } = spec
  if (frame === undefined) {
    const end =
      orderBy.length > 0 ? ({ kind: 'currentRow' } as const) : ({ kind: 'unboundedFollowing' } as const)
    return { unit: 'range', start: { kind: 'unboundedPreceding' }, end }
  }
  const { unit, position } = frame
  const offsets = [frame.start, frame.end].map((bound) =>
    'offset' in bound ? frameOffset(bound, environment) : undefined,
  )
  if (unit === 'rows') {
    const typed = offsets.map((offset) => (offset === undefined ? undefined : castTo(offset, types.int32)))
    return { unit, start: bound(frame.start, typed[0], position), end: bound(frame.end, typed[1], position) }
  }
  const given = offsets.find((offset) => offset !== undefined)
  if (given === undefined)
    return { unit, start: bound(frame.start, undefined), end: bound(frame.end, undefined) }
  if (orderBy.length !== 1)
    throw userError(
      'DATATYPE_MISMATCH',
      'a RANGE frame with an offset needs exactly one ORDER BY key',
      position,
    )
  const offsetType = rangeOffsetType(orderBy[0]!.expr, given, position)
  const typed = offsets.map((offset) => (offset === undefined ? undefined : castTo(offset, offsetType)))
  return {
    unit,
    start: bound(frame.start, typed[0], position),
    end: bound(frame.end, typed[1], position),
    offsetType,
  }
}

function rangeOffsetType(key: Expr, offset: Expr, position: Call['position']): Expr['type'] {
  const { type } = key
  if (isNumeric(type) && isNumeric(offset.type)) return type
  if (type.kind === 'date' && offset.type.kind === 'int32') return offset.type
  const isTime = type.kind === 'date' || type.kind === 'timestamp' || type.kind === 'timestamp_ntz'
  const isInterval = offset.type.kind === 'interval_dt' || offset.type.kind === 'interval_ym'
  if ((isTime && isInterval) || (isInterval && type.kind === offset.type.kind)) return offset.type
  throw userError(
    'DATATYPE_MISMATCH',
    `a RANGE offset of type "${typeName(offset.type)}" does not fit a key of type "${typeName(type)}"`,
    position,
  )
}

function frameOffset(bound: Extract<AstBound, { offset: unknown }>, environment: Environment): Expr {
  const expr = environment.resolve(bound.offset, environment)
  if (expr.kind === 'literal' && expr.value !== null) return expr
  throw userError('INVALID_SQL_SYNTAX', 'the offset of a frame must be a constant', bound.offset.position)
}

function bound(written: AstBound, offset: Expr | undefined, position?: Call['position']): FrameBound {
  if (written.kind !== 'preceding' && written.kind !== 'following') return { kind: written.kind }
  if (offset?.kind !== 'literal')
    throw userError(
      'DATATYPE_MISMATCH',
      'the offset of a frame has the wrong type',
      written.offset.position ?? position,
    )
  const value = offset.value
  const negative = typeof value === 'bigint' ? value < 0n : (value as number) < 0
  if (!negative) return { kind: written.kind, offset: value }
  const flipped = written.kind === 'preceding' ? 'following' : 'preceding'
  return { kind: flipped, offset: typeof value === 'bigint' ? -value : -(value as number) }
}

/** Window nodes over a plan: one for each pair of partition and order, in the order they were met. */
export function placeWindows(plan: LogicalPlan, found: readonly FoundWindow[]): LogicalPlan {
  const groups = new Map<string, FoundWindow[]>()
  for (const window of found) {
    const key = `${window.partitionBy.map(exprKey).join(',')}/${sortKeysKey(window.orderBy)}`
    groups.set(key, [...(groups.get(key) ?? []), window])
  }
  let result = plan
  for (const group of groups.values()) {
    const [{ partitionBy, orderBy }] = group as [FoundWindow]
    const calls = group.map(({ column, call }) => ({ column, call }))
    result = { kind: 'Window', input: result, partitionBy, orderBy, calls }
  }
  return result
}
