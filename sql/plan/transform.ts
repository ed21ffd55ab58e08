import { type AggregateCall, type Expr, transformExpr } from '../../engine/expr/index.ts'
import { newColumn } from './columns.ts'
import type { Column, LogicalPlan } from './logical-plan.ts'

/** The plans directly below one, left to right. */
export function inputsOf(plan: LogicalPlan): readonly LogicalPlan[] {
  switch (plan.kind) {
    case 'Scan':
    case 'Values':
    case 'Range':
      return []
    case 'Join':
    case 'Apply':
      return [plan.left, plan.right]
    case 'Union':
      return plan.inputs
    case 'UserCode':
      return plan.input === null ? [] : [plan.input]
    default:
      return [plan.input]
  }
}

/** The same node over other inputs, in the order of `inputsOf`; the node itself if none changed. */
export function withInputs(plan: LogicalPlan, inputs: readonly LogicalPlan[]): LogicalPlan {
  const before = inputsOf(plan)
  if (inputs.every((input, index) => input === before[index])) return plan
  switch (plan.kind) {
    case 'Scan':
    case 'Values':
    case 'Range':
      return plan
    case 'Join':
    case 'Apply':
      return { ...plan, left: inputs[0]!, right: inputs[1]! }
    case 'Union':
      return { ...plan, inputs }
    default:
      return { ...plan, input: inputs[0]! }
  }
}

/**
 * Rewrites bottom-up: `rewrite` sees each node after its inputs were rewritten. Unchanged parts are shared.
 */
export function transformUp(plan: LogicalPlan, rewrite: (plan: LogicalPlan) => LogicalPlan): LogicalPlan {
  return rewrite(
    withInputs(
      plan,
      inputsOf(plan).map((input) => transformUp(input, rewrite)),
    ),
  )
}

/** Rewrites top-down: `rewrite` sees each node before its inputs. */
export function transformDown(plan: LogicalPlan, rewrite: (plan: LogicalPlan) => LogicalPlan): LogicalPlan {
  const rewritten = rewrite(plan)
  return withInputs(
    rewritten,
    inputsOf(rewritten).map((input) => transformDown(input, rewrite)),
  )
}

/** The expressions that stand in a node itself, not in its inputs. */
export function expressionsOf(plan: LogicalPlan): readonly Expr[] {
  const found: Expr[] = []
  mapExpressions(plan, (expr) => {
    found.push(expr)
    return expr
  })
  return found
}

/** The same node with every expression of its own (not of its inputs) replaced. */
export function mapExpressions(plan: LogicalPlan, map: (expr: Expr) => Expr): LogicalPlan {
  switch (plan.kind) {
    case 'Project':
      return { ...plan, exprs: plan.exprs.map((named) => ({ ...named, expr: map(named.expr) })) }
    case 'Filter':
      return { ...plan, predicate: map(plan.predicate) }
    case 'Aggregate': {
      const keys = plan.keys.map((named) => ({ ...named, expr: map(named.expr) }))
      return {
        ...plan,
        keys,
        calls: plan.calls.map(({ column, call }) => ({ column, call: mapCall(call, map) })),
      }
    }
    case 'Window': {
      const calls = plan.calls.map(({ column, call }) => ({ column, call: mapCall(call, map) }))
      const orderBy = plan.orderBy.map((key) => ({ ...key, expr: map(key.expr) }))
      return { ...plan, partitionBy: plan.partitionBy.map(map), orderBy, calls }
    }
    case 'Join':
      return plan.condition === null ? plan : { ...plan, condition: map(plan.condition) }
    case 'Apply':
      return { ...plan, needles: plan.needles.map(map) }
    case 'Sort':
      return { ...plan, keys: plan.keys.map((key) => ({ ...key, expr: map(key.expr) })) }
    case 'Expand':
      return { ...plan, projections: plan.projections.map((projection) => projection.map(map)) }
    case 'Generate':
      return { ...plan, args: plan.args.map(map) }
    case 'Repartition':
      return { ...plan, keys: plan.keys.map(map) }
    case 'Watermark':
      return { ...plan, eventTime: map(plan.eventTime), partition: plan.partition.map(map) }
    default:
      return plan
  }
}

/** An aggregate or window call over other expressions. */
export function mapCall<Call extends AggregateCall>(call: Call, map: (expr: Expr) => Expr): Call {
  return {
    ...call,
    args: call.args.map(map),
    filter: call.filter === null ? null : map(call.filter),
    order: call.order.map((key) => ({ ...key, expr: map(key.expr) })),
  }
}

/** Ids of the columns an expression reads. */
export function columnIdsOf(expr: Expr, into = new Set<number>()): Set<number> {
  transformExpr(expr, (part) => {
    if (part.kind === 'column') into.add(part.index)
    return part
  })
  return into
}

/** Columns of an expression replaced by expressions, by id. */
export function substitute(expr: Expr, replacements: ReadonlyMap<number, Expr>): Expr {
  return transformExpr(expr, (part) =>
    part.kind === 'column' ? (replacements.get(part.index) ?? part) : part,
  )
}

/**
 * The same plan with new ids for every column it makes, for a second use in one tree. Gives old id → new
 * column.
 */
export function freshColumns(plan: LogicalPlan): { plan: LogicalPlan; columns: ReadonlyMap<number, Column> } {
  const columns = new Map<number, Column>()
  const fresh = (column: Column): Column => {
    const known = columns.get(column.id)
    if (known !== undefined) return { ...known, nullable: column.nullable }
    const made = newColumn(column.name, column.type, column.nullable)
    columns.set(column.id, made)
    return made
  }
  const rename = (expr: Expr): Expr =>
    transformExpr(expr, (part) => {
      const made = part.kind === 'column' ? columns.get(part.index) : undefined
      return made === undefined
        ? part
        : { ...part, kind: 'column', index: made.id, name: made.name, type: made.type }
    })
  const renamed = transformUp(plan, (node) => renameMade(mapExpressions(node, rename), fresh))
  return { plan: renamed, columns }
}

/** The columns a node makes or names, through `fresh`. */
function renameMade(plan: LogicalPlan, fresh: (column: Column) => Column): LogicalPlan {
  switch (plan.kind) {
    case 'Scan':
    case 'Values':
    case 'Union':
    case 'Expand':
    case 'Generate':
    case 'Write':
    case 'UserCode':
      return { ...plan, columns: plan.columns.map(fresh) }
    case 'Range':
      return { ...plan, column: fresh(plan.column) }
    case 'Project':
      return { ...plan, exprs: plan.exprs.map(({ column, expr }) => ({ column: fresh(column), expr })) }
    case 'Aggregate': {
      const keys = plan.keys.map(({ column, expr }) => ({ column: fresh(column), expr }))
      return { ...plan, keys, calls: plan.calls.map(({ column, call }) => ({ column: fresh(column), call })) }
    }
    case 'Window':
      return { ...plan, calls: plan.calls.map(({ column, call }) => ({ column: fresh(column), call })) }
    case 'Join':
      return plan.mark === null ? plan : { ...plan, mark: fresh(plan.mark) }
    case 'Apply':
      return plan.output === null ? plan : { ...plan, output: fresh(plan.output) }
    default:
      return plan
  }
}
