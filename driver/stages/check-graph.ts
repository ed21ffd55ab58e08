import {
  columnCountOf,
  type Distribution,
  distributionShape,
  inputsOf,
  MAX_PARTITIONS,
  type PhysicalPlan,
  partitionCountOf,
  planShape,
  shape,
  type TableOutput,
} from '../../engine/plan/index.ts'
import type { JobGraph, Stage } from './job-graph.ts'

const MAX_STAGES = 10_000

/**
 * The job graph, if plain data of an unknown sender are one: each stage's plan as `checkPlan` has it; stages
 * read what stages before them leave, and have a task for each partition of their plan. PROTOCOL_ERROR with
 * the path of the first fault: `malformed job graph: stages[2].plan.input.predicate: …`.
 */
export function checkJobGraph(value: unknown): JobGraph {
  return shape.checked(value, jobGraph, 'job graph')
}

const output: shape.Check<Distribution | TableOutput | null> = (value, walk) => {
  if (value === null) return
  if (shape.isObject(value) && value['kind'] === 'table') return
  walk.columnCount = columnCountOf(walk.around.at(-1)?.['plan'])
  distributionShape(value, walk)
  walk.columnCount = null
}

const stages: shape.Check<readonly Stage[]> = (value, walk) => {
  anyStages(value, walk)
  const all = value as readonly Stage[] // As the line above has seen.
  if (all.length === 0 || all.length > MAX_STAGES) walk.fail(`${all.length} stages, not 1 to ${MAX_STAGES}`)
  all.forEach((each, index) => {
    const look: shape.Check<Stage> = () => checkStage(each, index, all, walk)
    walk.member(index, each, look)
  })
}

const anyStages = shape.list(
  shape.record<Stage>({
    id: shape.integer(),
    plan: planShape,
    taskCount: shape.integer(0, MAX_PARTITIONS),
    output,
    inputs: shape.list(shape.integer()),
    barrier: shape.optional(shape.bool),
    keep: shape.optional(shape.text),
    storage: shape.optional(shape.oneOf('memory', 'disk')),
  }),
)

const exchanges: shape.Check<ReadonlySet<number>> = (value, walk) => {
  if (!(value instanceof Set)) return walk.fail(`${shape.nameOf(value)} where a set belongs`)
  for (const id of value) shape.integer()(id, walk)
}

const jobGraph = shape.record<JobGraph>({ stages, reusedExchanges: exchanges })

/** What its own shape does not tell: that it fits those before it. */
function checkStage(stage: Stage, index: number, all: readonly Stage[], walk: shape.Walk): void {
  if (stage.id !== index) walk.fail(`id ${stage.id} of stage ${index}`)
  for (const input of stage.inputs)
    if (input >= index) walk.fail(`reads stage ${input}, which is not before it`)
  const isLast = index === all.length - 1
  if (isLast !== (stage.output === null))
    walk.fail(isLast ? 'the last stage gives no result' : 'a stage before the last gives the result')
  const isTable = stage.output?.kind === 'table'
  if (isTable !== (stage.plan.kind === 'JoinBuildExec')) walk.fail('a table is what a JoinBuildExec leaves')
  checkReads(stage.plan, stage, all, walk)
  const partitionCount = partitionCountOf(stage.plan)
  if (stage.taskCount !== partitionCount)
    walk.fail(`${stage.taskCount} tasks for ${partitionCount} partitions`)
}

/** Whether a plan reads what the stages it names leave. */
function checkReads(plan: PhysicalPlan, stage: Stage, all: readonly Stage[], walk: shape.Walk): void {
  const open: PhysicalPlan[] = [plan]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node.kind === 'ExchangeExec') walk.fail('an ExchangeExec within a stage')
    if (node.kind === 'JoinBuildExec' && node !== plan) walk.fail('a JoinBuildExec within a stage')
    if (node.kind === 'TableReadExec') needTable(node.stageId)
    if (node.kind === 'ShuffleReadExec') needRows(node.stageId, node.broadcast)
    if (node.kind === 'ScanExec')
      for (const filter of node.runtimeFilters) needTable(filter.stageId, filter.key)
    open.push(...inputsOf(node))
  }

  function inputOf(stageId: number | null): Stage {
    if (stageId === null || !stage.inputs.includes(stageId))
      walk.fail(`its plan reads stage ${String(stageId)}, which is none of its inputs`)
    return all[stageId]!
  }
  function needTable(stageId: number | null, key = 0): void {
    const { plan: table } = inputOf(stageId)
    if (table.kind !== 'JoinBuildExec') walk.fail(`stage ${String(stageId)} leaves no table`)
    else if (key >= table.keys.length && key > 0) walk.fail(`table ${String(stageId)} has no key ${key}`)
  }
  function needRows(stageId: number, broadcast: boolean): void {
    const { output: spread } = inputOf(stageId)
    if (spread === null || spread.kind === 'table') walk.fail(`stage ${stageId} leaves no rows for others`)
    else if (broadcast !== (spread.kind === 'broadcast'))
      walk.fail(`stage ${stageId} is spread in another way`)
  }
}
