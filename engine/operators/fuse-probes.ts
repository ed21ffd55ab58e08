import {
  canProbe,
  columnsOf,
  hasCompiledForm,
  isSteady,
  type ProbeStep,
  type Probes,
  type RowLookup,
  sourceOf,
} from '../evaluate/index.ts'
import { type Expr, transformExpr } from '../expr/index.ts'
import { type FilterExec, type HashJoinExec, joinRoles, type PhysicalPlan } from '../plan/index.ts'
import { isIntegerKey } from './join-keys.ts'
import type { JoinTable } from './join-table.ts'
import { tableForm } from './table-form.ts'

/** A join whose table is probed by one function together with what is above and below it. */
export interface FusedLookup {
  readonly node: HashJoinExec
  /** null while plans are only looked at. */
  readonly table: JoinTable | null
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

function leaf(input: PhysicalPlan): FusedProbes {
  const columns = columnsFrom(input, 0)
  const probes: Probes = { steps: [], sourceStarts: [0] }
  return { input, probes, lookups: [], nodes: [], width: columns.length, ...giving(columns) }
}

function giving(columns: readonly Expr[]): Pick<FusedProbes, 'columns' | 'needed'> {
  return { columns, needed: new Set(columns.keys()) }
}

function columnsFrom({ schema }: PhysicalPlan, start: number): Expr[] {
  return schema.fields.map(({ name, type }, at) => ({ kind: 'column', index: start + at, name, type }))
}

function fuseFilter({ id, predicate }: FilterExec, below: FusedProbes): FusedProbes | null {
  if (!isSteady(predicate)) return null
  const { steps, sourceStarts } = below.probes
  const test: ProbeStep = { kind: 'test', predicate: over(predicate, below.columns) }
  const added = { lookups: [...below.lookups, null], nodes: [...below.nodes, id] }
  return compilable({ ...below, probes: { steps: [...steps, test], sourceStarts }, ...added })
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
  const { steps, sourceStarts } = below.probes
  const built = columnsFrom(side, below.width)
  const pairs = streamIsLeft ? [...below.columns, ...built] : [...built, ...below.columns]
  const lookup: RowLookup = {
    kind: 'lookup',
    keys: (streamIsLeft ? node.leftKeys : node.rightKeys).map((key) => over(key, below.columns)),
    isAnti: filter === 'anti',
    source: sourceStarts.length,
    ...tableForm(table),
  }
  const own: ProbeStep[] = [lookup]
  if (condition !== null) own.push({ kind: 'test', predicate: over(condition, pairs) })
  return compilable({
    input: below.input,
    probes: { steps: [...steps, ...own], sourceStarts: [...sourceStarts, below.width] },
    lookups: [...below.lookups, ...own.map((step) => (step === lookup ? { node, table } : null))],
    nodes: [...below.nodes, ...own.map((_, index) => (index === own.length - 1 ? node.id : null))],
    width: below.width + built.length,
    ...giving(givesPairs ? pairs : below.columns),
  })
}

/** Whether a join is one that rows of a batch pass or do not pass, each with one row of the table at most. */
function isProbed({ joinType, build, condition, nullSafe, leftKeys, rightKeys }: HashJoinExec): boolean {
  const isSemi = (joinType === 'semi' || joinType === 'anti') && build === 'right'
  if ((joinType !== 'inner' && !isSemi) || nullSafe.includes(true)) return false
  if (condition !== null && (joinType === 'anti' || !isSteady(condition))) return false
  return (build === 'left' ? rightKeys : leftKeys).every((key) => isSteady(key) && isIntegerKey(key.type))
}

/** The same, or null if one of its steps has no compiled form. */
function compilable(fused: FusedProbes): FusedProbes | null {
  return canProbe(fused.probes) ? fused : null
}

/** An expression over columns that are expressions themselves. */
function over(expr: Expr, columns: readonly Expr[]): Expr {
  return transformExpr(expr, (part) => (part.kind === 'column' ? columns[part.index]! : part))
}

/** Lookups give no rows of tables from which nothing is read. */
function withoutUnread(fused: FusedProbes): FusedProbes {
  const { probes } = fused
  const read = new Set<number>()
  const exprs = probes.steps.flatMap((step) => (step.kind === 'test' ? [step.predicate] : step.keys))
  const given = fused.columns.filter((_, index) => fused.needed.has(index))
  for (const expr of [...exprs, ...given])
    for (const column of columnsOf(expr)) read.add(sourceOf(probes, column))
  const steps = probes.steps.map((step) =>
    step.kind === 'lookup' && step.source !== null && !read.has(step.source)
      ? { ...step, source: null }
      : step,
  )
  return { ...fused, probes: { ...probes, steps } }
}
