import { EngineError } from '../../../engine/errors.ts'
import type { Expr } from '../../../engine/expr/index.ts'
import {
  type Aggregate,
  type Column,
  columnExpr,
  type Expand,
  freshColumns,
  type Join,
  type LogicalPlan,
  mapExpressions,
  type NamedExpr,
  newColumn,
  outputOf,
  substitute,
  type Union,
  withInputs,
} from '../../plan/index.ts'
import { outerReferences, outputIds } from '../columns.ts'
import { booleanCall, conditionOf, conjunctsOf, literal, nullSafeEqual, TRUE } from '../predicate.ts'
import { emptyValueOf } from './empty-value.ts'
import { limitPerGroup } from './limit-per-group.ts'
import type { PulledUp } from './pull-up.ts'

type Ids = ReadonlySet<number>

/**
 * A subquery computed for every row of the domain: `keys` are the columns with the outer values, by id of the
 * outer column.
 */
interface ForDomain {
  readonly plan: LogicalPlan
  readonly keys: ReadonlyMap<number, Column>
}

type Work = (plan: LogicalPlan) => ForDomain

/**
 * The general way (Neumann and Kemper, "Unnesting arbitrary queries", 2015): the subquery is computed for all
 * distinct outer values at once and then joined to the outer rows by these. UNSUPPORTED_FEATURE for nodes it
 * cannot pass.
 */
export function overDomain(left: LogicalPlan, right: LogicalPlan): PulledUp {
  const outer = outerReferences(right, outputIds(left))
  const columns = outputOf(left).filter(({ id }) => outer.has(id))
  const domain = (): ForDomain => {
    const copy = freshColumns(left)
    const keys = new Map(
      columns.map((column) => [column.id, newColumn(column.name, column.type, column.nullable)]),
    )
    const exprs = columns.map((column): NamedExpr => {
      const from = copy.columns.get(column.id) ?? column
      return { column: keys.get(column.id)!, expr: columnExpr(from) }
    })
    return { plan: { kind: 'Aggregate', input: copy.plan, keys: exprs, calls: [] }, keys }
  }
  const { plan, keys } = forDomain(right, outer, domain)
  const predicates = columns.map((column) =>
    nullSafeEqual(columnExpr(column), columnExpr(keys.get(column.id)!)),
  )
  return { plan, predicates }
}

function forDomain(plan: LogicalPlan, outer: Ids, domain: () => ForDomain): ForDomain {
  const again: Work = (input) => forDomain(input, outer, domain)
  if (outerReferences(plan, outer).size === 0) {
    const made = domain()
    return { plan: crossJoin(made.plan, plan), keys: made.keys }
  }
  switch (plan.kind) {
    case 'Filter':
    case 'Sample':
    case 'Generate':
    case 'Sort':
    case 'Repartition': {
      const input = again(plan.input)
      return { plan: replaceOuter(withInputs(plan, [input.plan]), input.keys), keys: input.keys }
    }
    case 'Project': {
      const input = again(plan.input)
      const project = replaceOuter({ ...plan, input: input.plan }, input.keys)
      return { plan: { ...project, exprs: [...project.exprs, ...passOn(input.keys)] }, keys: input.keys }
    }
    case 'Window': {
      const input = again(plan.input)
      const window = replaceOuter({ ...plan, input: input.plan }, input.keys)
      const partitionBy = [...window.partitionBy, ...[...input.keys.values()].map(columnExpr)]
      return { plan: { ...window, partitionBy }, keys: input.keys }
    }
    case 'Aggregate':
      return aggregateForDomain(plan, again, domain)
    case 'Limit': {
      const input = again(plan.input)
      return { plan: limitPerGroup(plan, input.plan, [...input.keys.values()]), keys: input.keys }
    }
    case 'Union':
      return unionForDomain(plan, again)
    case 'Expand':
      return expandForDomain(plan, again)
    case 'Join':
      return joinForDomain(plan, outer, again)
    default:
      throw new EngineError('UNSUPPORTED_FEATURE', 'this correlated subquery is not supported', {
        hint: `Outer columns cannot be used inside "${plan.kind}".`,
      })
  }
}

function crossJoin(left: LogicalPlan, right: LogicalPlan): LogicalPlan {
  return { kind: 'Join', left, right, joinType: 'inner', condition: null, mark: null, broadcast: null }
}

function replaceOuter<Node extends LogicalPlan>(plan: Node, keys: ReadonlyMap<number, Column>): Node {
  const replacements = new Map([...keys].map(([id, column]) => [id, columnExpr(column)]))
  // mapExpressions keeps the kind of the node.
  return mapExpressions(plan, (expr) => substitute(expr, replacements)) as Node
}

function passOn(keys: ReadonlyMap<number, Column>): readonly NamedExpr[] {
  return [...keys.values()].map((column) => ({ column, expr: columnExpr(column) }))
}

/** Groups are made for each outer value. An aggregate without keys gives a row also where no rows are. */
function aggregateForDomain(plan: Aggregate, again: Work, domain: () => ForDomain): ForDomain {
  const input = again(plan.input)
  const aggregate = replaceOuter({ ...plan, input: input.plan }, input.keys)
  const grouped: Aggregate = { ...aggregate, keys: [...aggregate.keys, ...passOn(input.keys)] }
  if (plan.keys.length > 0) return { plan: grouped, keys: input.keys }
  const all = domain()
  const marker = newColumn('is_group', TRUE.type, true)
  const marked: LogicalPlan = {
    kind: 'Project',
    input: grouped,
    exprs: [
      ...outputOf(grouped).map((column) => ({ column, expr: columnExpr(column) })),
      { column: marker, expr: TRUE },
    ],
  }
  const pairs = [...all.keys].map(([id, column]) =>
    nullSafeEqual(columnExpr(column), columnExpr(input.keys.get(id)!)),
  )
  const joined: Join = {
    ...{ kind: 'Join', left: all.plan, right: marked, joinType: 'left', mark: null, broadcast: null },
    condition: conditionOf(pairs),
  }
  const values = plan.calls.map(({ column, call }): NamedExpr => {
    const empty = emptyValueOf(call)
    if (empty === null) return { column, expr: columnExpr(column) }
    const when = booleanCall('isnull', columnExpr(marker))
    const branches = [{ when, then: literal(empty, column.type) }]
    return { column, expr: { kind: 'case', branches, otherwise: columnExpr(column), type: column.type } }
  })
  const renewed = values.map(({ column, expr }) => ({ column, expr }))
  return {
    plan: { kind: 'Project', input: joined, exprs: [...renewed, ...passOn(all.keys)] },
    keys: all.keys,
  }
}

function unionForDomain(plan: Union, again: Work): ForDomain {
  const inputs = plan.inputs.map((input) => {
    const made = again(input)
    const columns = [...outputOf(input), ...made.keys.values()]
    const exprs = columns.map((column) => ({ column, expr: columnExpr(column) }))
    return { plan: { kind: 'Project', input: made.plan, exprs } as const, keys: made.keys }
  })
  const keys = new Map(
    [...inputs[0]!.keys].map(([id, { name, type, nullable }]) => [id, newColumn(name, type, nullable)]),
  )
  const columns = [...plan.columns, ...keys.values()]
  return { plan: { ...plan, inputs: inputs.map((input) => input.plan), columns }, keys }
}

function expandForDomain(plan: Expand, again: Work): ForDomain {
  const input = again(plan.input)
  const expand = replaceOuter({ ...plan, input: input.plan }, input.keys)
  const keys = new Map(
    [...input.keys].map(([id, { name, type, nullable }]) => [id, newColumn(name, type, nullable)]),
  )
  const values = [...input.keys.values()].map(columnExpr)
  const projections = expand.projections.map((projection) => [...projection, ...values])
  return { plan: { ...expand, projections, columns: [...plan.columns, ...keys.values()] }, keys }
}

/**
 * Each side that uses outer columns is computed for the domain; two such sides meet in the same outer values.
 */
function joinForDomain(plan: Join, outer: Ids, again: Work): ForDomain {
  const inCondition = conjunctsOf(plan.condition)
  const isRightOnly = plan.joinType === 'right' || plan.joinType === 'full'
  const usesRight = isRightOnly || outerReferences(plan.right, outer).size > 0
  const isInner = plan.joinType === 'inner'
  const usesLeft = !isInner || outerReferences(plan.left, outer).size > 0 || !usesRight
  if (plan.joinType === 'nullAwareAnti' || plan.joinType === 'full')
    throw new EngineError('UNSUPPORTED_FEATURE', 'this correlated subquery is not supported', {
      hint: 'Outer columns cannot be used inside NOT IN subqueries and full joins within a subquery.',
    })
  const left = usesLeft ? again(plan.left) : undefined
  const right = usesRight ? again(plan.right) : undefined
  const keys = plan.joinType === 'right' ? right!.keys : (left ?? right)!.keys
  const replacements = new Map([...keys].map(([id, column]) => [id, columnExpr(column)]))
  const parts: Expr[] = inCondition.map((part) => substitute(part, replacements))
  if (left !== undefined && right !== undefined)
    for (const [id, column] of left.keys)
      parts.push(nullSafeEqual(columnExpr(column), columnExpr(right.keys.get(id)!)))
  const joined: Join = {
    ...plan,
    left: left?.plan ?? plan.left,
    right: right?.plan ?? plan.right,
    condition: conditionOf(parts),
  }
  return { plan: joined, keys }
}
