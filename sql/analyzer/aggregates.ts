import type { EngineError } from '../../engine/errors.ts'
import type { AggregateCall, Expr, SortKey } from '../../engine/expr/index.ts'
import type { AggregateFunction } from '../../engine/functions/index.ts'
import { types } from '../../engine/types/index.ts'
import { type Call, type Expression, formatExpression, type SortItem } from '../parser/index.ts'
import { columnExpr, newColumn } from '../plan/index.ts'
import { locate, userError } from './check.ts'
import { castTo } from './coerce-types.ts'
import type { AggregateSink, Environment } from './environment.ts'
import { callKey } from './expr-key.ts'
import { expandStars, literalValue } from './scalar-calls.ts'

/** An aggregate of the SELECT around: notes the call in the sink and reads its column. */
export function resolveAggregate(call: Call, name: string, environment: Environment): Expr {
  const sink = environment.aggregates
  if (sink === null) throw misplaced(call, name, environment)
  const inner: Environment = {
    ...environment,
    aggregates: null,
    windows: null,
    applies: sink.applies,
    inside: 'aggregate',
    aliases: environment.aliases === null ? null : { ...environment.aliases, first: false },
  }
  return noteAggregate(aggregateCall(call, name, inner), call, sink)
}

function noteAggregate(call: AggregateCall, written: Call, sink: AggregateSink): Expr {
  const key = callKey(call)
  let found = sink.found.get(key)
  if (found === undefined) {
    found = { column: newColumn(formatExpression(written), call.type, !NEVER_NULL.has(call.name)), call }
    sink.found.set(key, found)
  }
  return columnExpr(found.column)
}

const NEVER_NULL: ReadonlySet<string> = new Set([
  'count',
  'count_if',
  'regr_count',
  'approx_count_distinct',
  'collect_list',
  'collect_set',
  'array_agg',
])

/** The typed call of an aggregate function over resolved arguments. */
export function aggregateCall(call: Call, name: string, environment: Environment): AggregateCall {
  const { analysis } = environment
  const found = analysis.context.functions.aggregate(name)!
  const resolve = (part: Expression): Expr => environment.resolve(part, environment)
  const order = (call.withinGroup ?? []).map((item) => sortKey(item, resolve(item.expression)))
  const isCountStar =
    found.name === 'count' && call.distinct !== true && call.args.length === 1 && isStar(call.args[0]!)
  const written = isCountStar ? [] : expandStars(call.args, environment).map(resolve)
  const args = [...orderedArguments(found, written, order), ...ignoreNulls(call, found)]
  const signature = isCountStar
    ? { args: [], returns: types.int64 }
    : locate(call.position, () =>
        found.resolve(
          args.map(({ type }) => type),
          args.map(literalValue),
        ),
      )
  const filter = call.filter === undefined ? null : resolve(call.filter)
  if (filter !== null && filter.type.kind !== 'boolean')
    throw userError(
      'INVALID_AGGREGATE_FILTER',
      'the condition of FILTER is not a boolean',
      call.filter?.position,
    )
  return {
    name: found.name,
    args: args.map((arg, index) => castTo(arg, signature.args[index] ?? arg.type)),
    distinct: call.distinct === true && found.ignoresDistinct !== true,
    filter,
    order,
    type: signature.returns,
  }
}

function isStar(expression: Expression): boolean {
  return expression.kind === 'star' && expression.qualifier.length === 0
}

/** `percentile_cont(0.5) WITHIN GROUP (ORDER BY x)` is over x: the ordered value comes first. */
function orderedArguments(
  { name }: AggregateFunction,
  args: readonly Expr[],
  order: readonly SortKey[],
): readonly Expr[] {
  if (order.length === 0 || !INVERSE_DISTRIBUTIONS.has(name)) return args
  return [order[0]!.expr, ...args]
}

const INVERSE_DISTRIBUTIONS: ReadonlySet<string> = new Set(['percentile_cont', 'percentile_disc', 'mode'])

/** IGNORE NULLS of `first` and the like is their last argument. */
function ignoreNulls({ nulls, args }: Call, { name }: AggregateFunction): readonly Expr[] {
  if (nulls !== 'ignore' || args.length > 1 || !['first', 'last', 'any_value'].includes(name)) return []
  return [{ kind: 'literal', value: true, type: types.boolean }]
}

/** An ORDER BY item over a resolved expression. */
export function sortKey({ descending, nullsFirst }: SortItem, expr: Expr): SortKey {
  return { expr, descending, nullsFirst }
}

function misplaced({ position }: Call, name: string, { clause, inside }: Environment): EngineError {
  if (inside === 'aggregate')
    return userError(
      'NESTED_AGGREGATE_FUNCTION',
      `aggregate "${name}" may not stand in the argument of another aggregate`,
      position,
      'Compute the inner aggregate in a subquery.',
    )
  if (clause === 'WHERE')
    return userError(
      'INVALID_WHERE_CONDITION',
      `aggregate "${name}" may not stand in WHERE`,
      position,
      'Put conditions on groups into HAVING.',
    )
  if (clause === 'GROUP BY')
    return userError('GROUP_BY_AGGREGATE', `aggregate "${name}" may not stand in GROUP BY`, position)
  return userError('UNSUPPORTED_FEATURE', `aggregate "${name}" may not stand in ${clause}`, position)
}
