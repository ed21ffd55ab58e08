import { assert } from '../../engine/errors.ts'
import {
  inputsOf,
  type PhysicalPlan,
  partitionCountOf,
  planKey,
  type ScanExec,
  withInputs,
} from '../../engine/plan/index.ts'
import type { JobGraph, Stage } from './job-graph.ts'

/**
 * Cuts a plan at its exchanges and tables: what lies below each becomes a stage of its own. Exchanges that
 * spread the same rows in the same way, as those of a common table expression used twice, share one stage.
 * `forCluster`: a table's stage reads another stage's rows, as every executor builds the table from them.
 */
export function splitStages(plan: PhysicalPlan, { forCluster = false } = {}): JobGraph {
  const tables = new Map<number, JoinBuildExec>()
  const lastId = collectTables(plan, tables)
  const cutter: Cutter = {
    stages: [],
    known: new Map(),
    reused: new Set(),
    kept: new Map(),
    builds: new Map(),
    tables,
    forCluster,
    lastId,
  }
  const inputs = new Set<number>()
  addStage(cutBelow(plan, inputs, cutter), inputs, null, cutter)
  return { stages: cutter.stages, reusedExchanges: cutter.reused }
}

interface Cutter {
  readonly stages: Stage[]
  /** Stages by what they do. */
  readonly known: Map<string, number>
  readonly reused: Set<number>
  /** Stages whose rows are kept, by their keys. */
  readonly kept: Map<string, number>
  /** Stages of tables by the node that builds them. */
  readonly builds: Map<number, number>
  /** All nodes that build tables, by id. */
  readonly tables: ReadonlyMap<number, JoinBuildExec>
  readonly forCluster: boolean
  /** The greatest id of a node so far. */
  lastId: number
}

type JoinBuildExec = PhysicalPlan & { readonly kind: 'JoinBuildExec' }

/** Gives the greatest id of a node. */
function collectTables(plan: PhysicalPlan, tables: Map<number, JoinBuildExec>): number {
  if (plan.kind === 'JoinBuildExec') tables.set(plan.id, plan)
  return inputsOf(plan).reduce((id, input) => Math.max(id, collectTables(input, tables)), plan.id)
}

/** The rows of a table as those of an earlier stage, which every executor can fetch. */
function exchanged(plan: PhysicalPlan, cutter: Cutter): PhysicalPlan {
  if (!cutter.forCluster || readsOneStage(plan)) return plan
  const { schema } = plan
  return { kind: 'ExchangeExec', id: ++cutter.lastId, schema, input: plan, distribution: { kind: 'single' } }
}

function readsOneStage(plan: PhysicalPlan): boolean {
  if (plan.kind === 'ExchangeExec') return partitionCountOf(plan) === 1
  return (plan.kind === 'ProjectExec' || plan.kind === 'FilterExec') && readsOneStage(plan.input)
}

function addStage(
  plan: PhysicalPlan,
  inputs: ReadonlySet<number>,
  output: Stage['output'],
  cutter: Cutter,
  { keep, storage }: Pick<Stage, 'keep' | 'storage'> = {},
): number {
  const key = output === null || keep !== undefined ? null : planKey(plan, output)
  const known = key === null ? undefined : cutter.known.get(key)
  if (known !== undefined) return known
  const id = cutter.stages.length
  const stage = { id, plan, taskCount: partitionCountOf(plan), output, inputs: [...inputs] }
  cutter.stages.push({
    ...stage,
    ...(keep === undefined ? {} : { keep }),
    ...(storage === undefined ? {} : { storage }),
  })
  if (key !== null) cutter.known.set(key, id)
  return id
}

/** The plan with what lies below its exchanges and tables cut off; `inputs` gets the stages it reads. */
function cutBelow(plan: PhysicalPlan, inputs: Set<number>, cutter: Cutter): PhysicalPlan {
  if (plan.kind === 'ExchangeExec') {
    const partitionCount = partitionCountOf(plan)
    const broadcast = plan.distribution.kind === 'broadcast'
    const stageId = cutOff(plan, inputs, cutter)
    return { kind: 'ShuffleReadExec', id: plan.id, schema: plan.schema, stageId, partitionCount, broadcast }
  }
  if (plan.kind === 'JoinBuildExec')
    return { kind: 'TableReadExec', id: plan.id, schema: plan.schema, stageId: cutOff(plan, inputs, cutter) }
  if (plan.kind === 'ScanExec') return withFilterStages(plan, inputs, cutter)
  const before = inputsOf(plan)
  const after = [...before]
  // The build side first, since the other one waits for it, and may test its rows by the keys of the table.
  const isLeftFirst = plan.kind !== 'HashJoinExec' || plan.build === 'left'
  const order = isLeftFirst ? [...before.keys()] : [...before.keys()].reverse()
  for (const index of order) after[index] = cutBelow(before[index]!, inputs, cutter)
  return after.every((input, index) => input === before[index]) ? plan : withInputs(plan, after)
}

/** A scan tests its rows by keys of tables, which are built before it begins. */
function withFilterStages(scan: ScanExec, inputs: Set<number>, cutter: Cutter): ScanExec {
  if (scan.runtimeFilters.length === 0) return scan
  const runtimeFilters = scan.runtimeFilters.map((filter) => {
    if (filter.stageId !== null) return filter // The plan is that of a stage already.
    const table = cutter.tables.get(filter.build)
    assert(table !== undefined, `the plan has no table ${filter.build}, whose filter a scan needs`)
    return { ...filter, build: 0, stageId: cutOff(table, inputs, cutter) }
  })
  return { ...scan, runtimeFilters }
}

/** Makes a stage of what lies below an exchange, or of a table; gives its id. */
function cutOff(
  plan: PhysicalPlan & { readonly kind: 'ExchangeExec' | 'JoinBuildExec' },
  inputs: Set<number>,
  cutter: Cutter,
): number {
  const made = plan.kind === 'JoinBuildExec' ? cutter.builds.get(plan.id) : undefined
  if (made !== undefined) {
    inputs.add(made)
    return made
  }
  const keep = plan.kind === 'ExchangeExec' ? plan.keep : undefined
  const kept = keep === undefined ? undefined : cutter.kept.get(keep)
  if (kept !== undefined) {
    inputs.add(kept)
    cutter.reused.add(plan.id)
    return kept
  }
  const before = cutter.stages.length
  const own = new Set<number>()
  const below = cutBelow(
    plan.kind === 'ExchangeExec' ? plan.input : exchanged(plan.input, cutter),
    own,
    cutter,
  )
  const stageId =
    plan.kind === 'ExchangeExec'
      ? addStage(below, own, plan.distribution, cutter, plan)
      : addStage({ ...plan, input: below }, own, { kind: 'table' }, cutter)
  if (plan.kind === 'JoinBuildExec') cutter.builds.set(plan.id, stageId)
  if (keep !== undefined) cutter.kept.set(keep, stageId)
  if (stageId < before) cutter.reused.add(plan.id)
  inputs.add(stageId)
  return stageId
}
