import {
  columnIdsOf,
  expressionsOf,
  inputsOf,
  type LogicalPlan,
  outputOf,
  withInputs,
} from '../../plan/index.ts'
import { outerReferences, outputIds, selectColumns } from '../columns.ts'
import type { OptimizerRule } from '../rule.ts'

/** Leaves out columns that nobody reads, down to the scans. */
export const pruneColumns: OptimizerRule = {
  name: 'prune-columns',
  order: 'whole',
  rewrite: (plan) => prune(plan, outputIds(plan)),
}

type Ids = ReadonlySet<number>

/**
 * The plan with at least the columns in `required`; it keeps others only where leaving them out needs another
 * node.
 */
function prune(plan: LogicalPlan, required: Ids): LogicalPlan {
  switch (plan.kind) {
    case 'Scan': {
      const columns = keep(plan.columns, ({ id }) => required.has(id))
      return columns === plan.columns ? plan : { ...plan, columns }
    }
    case 'Values':
      return pruneValues(plan, required)
    case 'Project': {
      const exprs = keep(plan.exprs, ({ column }) => required.has(column.id))
      return pruneInputs(exprs === plan.exprs ? plan : { ...plan, exprs }, new Set())
    }
    case 'Aggregate': {
      // A stream forgets keys by their time.
      if (plan.deduplicates !== undefined) return pruneInputs(plan, new Set())
      const needed = keep(plan.calls, ({ column }) => required.has(column.id))
      const calls = needed.length === 0 && plan.keys.length === 0 ? plan.calls.slice(0, 1) : needed
      const isSame = calls.length === plan.calls.length
      return pruneInputs(isSame ? plan : { ...plan, calls }, new Set())
    }
    case 'Window': {
      const calls = keep(plan.calls, ({ column }) => required.has(column.id))
      if (calls.length === 0) return prune(plan.input, required)
      return pruneInputs(calls === plan.calls ? plan : { ...plan, calls }, required)
    }
    case 'Join':
      return pruneJoin(plan, required)
    case 'Apply':
      return pruneApply(plan, required)
    case 'Union':
      return pruneUnion(plan, required)
    case 'Expand':
      return pruneExpand(plan, required)
    case 'Filter':
    case 'Sort':
    case 'Limit':
    case 'Sample':
    case 'Repartition':
    case 'Watermark':
    case 'Generate':
      return pruneInputs(plan, required)
    case 'Write':
    case 'UserCode':
      return pruneInputs(plan, new Set(inputsOf(plan).flatMap((input) => [...outputIds(input)])))
    case 'Range':
      return plan
  }
}

/** The same list if all is kept, so that unchanged plans stay the same object. */
function keep<Item>(items: readonly Item[], test: (item: Item) => boolean): readonly Item[] {
  return items.every(test) ? items : items.filter(test)
}

/** The inputs with what is required of the node and what its own expressions read. */
function pruneInputs(plan: LogicalPlan, required: Ids): LogicalPlan {
  const needed = new Set(required)
  for (const expr of expressionsOf(plan)) columnIdsOf(expr, needed)
  const narrows = plan.kind === 'Sort' || plan.kind === 'Window' || plan.kind === 'Repartition'
  return withInputs(
    plan,
    inputsOf(plan).map((input) => (narrows ? narrow(input, needed) : prune(input, needed))),
  )
}

/** Just the required columns: before rows are kept or moved, a projection is worth its while. */
function narrow(plan: LogicalPlan, required: Ids): LogicalPlan {
  const pruned = prune(plan, required)
  return selectColumns(
    pruned,
    outputOf(pruned).filter(({ id }) => required.has(id)),
  )
}

function pruneValues(plan: Extract<LogicalPlan, { kind: 'Values' }>, required: Ids): LogicalPlan {
  if (plan.columns.every(({ id }) => required.has(id))) return plan
  const kept = plan.columns.flatMap(({ id }, index) => (required.has(id) ? [index] : []))
  return {
    ...plan,
    columns: kept.map((index) => plan.columns[index]!),
    rows: plan.rows.map((row) => kept.map((index) => row[index]!)),
  }
}

function pruneJoin(plan: Extract<LogicalPlan, { kind: 'Join' }>, required: Ids): LogicalPlan {
  if (plan.joinType === 'existence' && !required.has(plan.mark!.id)) return prune(plan.left, required)
  const needed = new Set(required)
  if (plan.condition !== null) columnIdsOf(plan.condition, needed)
  return withInputs(plan, [narrow(plan.left, needed), narrow(plan.right, needed)])
}

function pruneApply(plan: Extract<LogicalPlan, { kind: 'Apply' }>, required: Ids): LogicalPlan {
  const isTest = plan.applyType === 'exists' || plan.applyType === 'in'
  if (isTest && !required.has(plan.output!.id)) return prune(plan.left, required)
  const needed = new Set(required)
  for (const needle of plan.needles) columnIdsOf(needle, needed)
  for (const id of outerReferences(plan.right, outputIds(plan.left))) needed.add(id)
  const ofRight = plan.output === null ? required : outputIds(plan.right)
  return withInputs(plan, [prune(plan.left, needed), prune(plan.right, ofRight)])
}

function pruneUnion(plan: Extract<LogicalPlan, { kind: 'Union' }>, required: Ids): LogicalPlan {
  const kept = plan.columns.flatMap(({ id }, index) => (required.has(id) ? [index] : []))
  const inputs = plan.inputs.map((input) => {
    const output = outputOf(input)
    const columns = kept.map((index) => output[index]!)
    return selectColumns(prune(input, new Set(columns.map(({ id }) => id))), columns)
  })
  const isSame = kept.length === plan.columns.length
  return withInputs(isSame ? plan : { ...plan, columns: kept.map((index) => plan.columns[index]!) }, inputs)
}

function pruneExpand(plan: Extract<LogicalPlan, { kind: 'Expand' }>, required: Ids): LogicalPlan {
  if (plan.columns.every(({ id }) => required.has(id))) return pruneInputs(plan, new Set())
  const kept = plan.columns.flatMap(({ id }, index) => (required.has(id) ? [index] : []))
  const columns = kept.map((index) => plan.columns[index]!)
  const projections = plan.projections.map((projection) => kept.map((index) => projection[index]!))
  return pruneInputs({ ...plan, columns, projections }, new Set())
}
