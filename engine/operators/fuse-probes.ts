import {
  canProbe,
  columnsOf,
  hasCompiledForm,
  isSteady,
  type Probes,
  type RowLookup,
  type RowTest,
  type TableInput,
} from '../evaluate/index.ts'
import { type Expr, transformExpr } from '../expr/index.ts'
import { type FilterExec, type HashJoinExec, joinRoles, type PhysicalPlan } from '../plan/index.ts'
import { withComputed } from './computed-columns.ts'
import { isIntegerKey } from './join-keys.ts'
import type { JoinTable } from './join-table.ts'
import { tableForm } from './table-form.ts'

/** A join whose table is probed by one function together with what is above and below it. */
export interface FusedLookup {
  readonly node: HashJoinExec
  /** null while plans are only looked at. */
  readonly table: JoinTable | null
  /** The source that the table is, and its first column. */
  readonly source: number
  readonly start: number
}

/** Joins with shared tables, and the filters and projections between them: one pass over a batch. */
export interface FusedProbes {
  /** What streams past the tables. */
  readonly input: PhysicalPlan
  readonly probes: Probes
  /** By step what is looked up; null for a filter. */
  readonly lookups: readonly (FusedLookup | null)[]
  /** By step the node whose rows pass it; null if those of a later step do. */
  readonly nodes: readonly (number | null)[]
  /** Columns of all sources together. */
  readonly width: number
  /** Which of them are computed, once for all rows of a table, and how. */
  readonly computed: ReadonlyMap<number, TableInput>
  /** What it gives, over the columns of all sources. */
  readonly columns: readonly Expr[]
  /** Which of them are read; the others need not be there. */
  readonly needed: ReadonlySet<number>
}

/** The table of a stage; null if it cannot be probed by compiled code. */
export type TableOf = (stageId: number) => JoinTable | null

/**
 * The joins at the top of a plan that one compiled function does; null if there is none. Every key of their
 * tables must have one row, unless it is only asked whether it is there. Without `tableOf` that is taken to
 * be so, as EXPLAIN must. `needed`: the columns that are read of what it gives; null: all.
 */
export function fuseProbes(
  plan: PhysicalPlan,
  tableOf: TableOf | null,
  needed: ReadonlySet<number> | null = null,
): FusedProbes | null {
  if (plan.kind !== 'HashJoinExec' && plan.kind !== 'ProjectExec' && plan.kind !== 'FilterExec') return null
  const fused = fuse(plan, tableOf)
  if (fused.lookups.every((lookup) => lookup === null)) return null
  return withoutUnread({ ...fused, needed: needed ?? fused.needed })
}

function fuse(plan: PhysicalPlan, tableOf: TableOf | null): FusedProbes {
  const streamed = streamedInput(plan)
  if (streamed === null) return leaf(plan)
  const below = fuse(streamed, tableOf)
  const fused = fuseWith(plan, below, tableOf)
  if (fused !== null || below.input === streamed) return fused ?? leaf(plan)
  // What is below may have columns that are computed by the interpreter, and only for all rows.
  return fuseWith(plan, leaf(streamed), tableOf) ?? leaf(plan)
}

function streamedInput(plan: PhysicalPlan): PhysicalPlan | null {
  switch (plan.kind) {
    case 'HashJoinExec':
      return plan.build === 'left' ? plan.right : plan.left
    case 'FilterExec':
    case 'ProjectExec':
      return plan.input
    default:
      return null
  }
}

function fuseWith(plan: PhysicalPlan, below: FusedProbes, tableOf: TableOf | null): FusedProbes | null {
  switch (plan.kind) {
    case 'HashJoinExec':
      return isProbed(plan) ? fuseJoin(plan, below, tableOf) : null
    case 'FilterExec':
      return fuseFilter(plan, below)
    case 'ProjectExec':
      return fuseProject(plan.exprs, below)
    default:
      return null
  }
}

const NOTHING = { lookups: [], nodes: [], computed: new Map<number, TableInput>() }

function leaf(input: PhysicalPlan): FusedProbes {
  const columns = columnsFrom(input, 0)
  const probes: Probes = { steps: [], sources: columns.map(() => 0), sourceCount: 1 }
  return { input, probes, ...NOTHING, width: columns.length, ...giving(columns) }
}

function giving(columns: readonly Expr[]): Pick<FusedProbes, 'columns' | 'needed'> {
  return { columns, needed: new Set(columns.keys()) }
}

function columnsFrom({ schema }: PhysicalPlan, start: number): Expr[] {
  return schema.fields.map(({ name, type }, at) => ({ kind: 'column', index: start + at, name, type }))
}

function fuseFilter({ id, predicate }: FilterExec, below: FusedProbes): FusedProbes | null {
  return isSteady(predicate) ? withTest(below, over(predicate, below.columns), id) : null
}

/** The same, with a step that asks for more; null if that has no compiled form. */
export function withTest(below: FusedProbes, asked: Expr, nodeId: number | null): FusedProbes | null {
  const { fused, exprs } = withComputed(below, [asked])
  const probes = { ...fused.probes, steps: [...fused.probes.steps, testOf(exprs[0]!)] }
  if (!canProbe(probes)) return null
  return { ...fused, probes, lookups: [...fused.lookups, null], nodes: [...fused.nodes, nodeId] }
}

function testOf(predicate: Expr): RowTest {
  return { kind: 'test', predicate }
}

function fuseProject(exprs: readonly Expr[], below: FusedProbes): FusedProbes | null {
  const areCheap = exprs.every((expr) => {
    if (expr.kind === 'column' || expr.kind === 'literal') return true
    return hasCompiledForm(expr) && isSteady(expr)
  })
  return areCheap ? { ...below, ...giving(exprs.map((expr) => over(expr, below.columns))) } : null
}

function fuseJoin(node: HashJoinExec, below: FusedProbes, tableOf: TableOf | null): FusedProbes | null {
  const { build, condition } = node
  const { givesPairs, filter, streamIsLeft } = joinRoles(node.joinType, build)
  const side = node[build]
  const table = side.kind === 'TableReadExec' ? (tableOf?.(side.stageId) ?? null) : null
  if (tableOf === null ? side.kind !== 'JoinBuildExec' : table === null) return null
  if (table !== null && table.next !== null && (givesPairs || condition !== null)) return null
  const { steps, sources, sourceCount } = below.probes
  const start = below.width
  const built = columnsFrom(side, start)
  const pairs = streamIsLeft ? [...below.columns, ...built] : [...built, ...below.columns]
  const lookup: RowLookup = {
    kind: 'lookup',
    keys: (streamIsLeft ? node.leftKeys : node.rightKeys).map((key) => over(key, below.columns)),
    isAnti: filter === 'anti',
    source: sourceCount,
    ...tableForm(table),
  }
  const joined: FusedProbes = {
    ...below,
    probes: {
      steps: [...steps, lookup],
      sources: [...sources, ...built.map(() => sourceCount)],
      sourceCount: sourceCount + 1,
    },
    lookups: [...below.lookups, { node, table, source: sourceCount, start }],
    nodes: [...below.nodes, condition === null ? node.id : null],
    width: start + built.length,
    ...giving(givesPairs ? pairs : below.columns),
  }
  if (condition !== null) return withTest(joined, over(condition, pairs), node.id)
  return canProbe(joined.probes) ? joined : null
}

/** Whether a join is one that rows of a batch pass or do not pass, each with one row of the table at most. */
function isProbed({ joinType, build, condition, nullSafe, leftKeys, rightKeys }: HashJoinExec): boolean {
  const isSemi = (joinType === 'semi' || joinType === 'anti') && build === 'right'
  if ((joinType !== 'inner' && !isSemi) || nullSafe.includes(true)) return false
  if (condition !== null && (joinType === 'anti' || !isSteady(condition))) return false
  return (build === 'left' ? rightKeys : leftKeys).every((key) => isSteady(key) && isIntegerKey(key.type))
}

/** An expression over columns that are expressions themselves. */
export function over(expr: Expr, columns: readonly Expr[]): Expr {
  return transformExpr(expr, (part) => (part.kind === 'column' ? columns[part.index]! : part))
}

/** Lookups give no rows of tables from which nothing is read. */
function withoutUnread(fused: FusedProbes): FusedProbes {
  const { probes } = fused
  const read = new Set<number>()
  const exprs = probes.steps.flatMap((step) => (step.kind === 'test' ? [step.predicate] : step.keys))
  const given = fused.columns.filter((_, index) => fused.needed.has(index))
  for (const expr of [...exprs, ...given])
    for (const column of columnsOf(expr)) read.add(probes.sources[column]!)
  const steps = probes.steps.map((step) =>
    step.kind === 'lookup' && step.source !== null && !read.has(step.source)
      ? { ...step, source: null }
      : step,
  )
  return { ...fused, probes: { ...probes, steps } }
}
