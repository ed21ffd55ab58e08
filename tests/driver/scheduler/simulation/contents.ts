import type { JobGraph, Stage } from '../../../../driver/stages/index.ts'
import type { PhysicalPlan } from '../../../../engine/plan/index.ts'
import { tablesReadBy, taskInputsOf } from '../../../../engine/run/index.ts'

/** Partitions that every stage spreads its rows over; stages have no more tasks than that. */
export const WIDTH = 8

const SCHEMA = { fields: [] }

/** A job with plans that say what they read, so that what tasks read can be followed. */
export function simulatedGraph(random: () => number, graph: JobGraph): JobGraph {
  const stages: Stage[] = []
  for (const stage of graph.stages) {
    const rows = stage.inputs.filter((input) => graph.stages[input]!.output?.kind !== 'table')
    const tables = stage.inputs.filter((input) => graph.stages[input]!.output?.kind === 'table')
    let plan: PhysicalPlan = { kind: 'ValuesExec', id: 1, schema: SCHEMA, rows: [] }
    for (const stageId of rows) plan = joined(plan, readOf(stageId, random() < 0.2))
    for (const stageId of tables)
      plan = joined(plan, { kind: 'TableReadExec', id: 2, schema: SCHEMA, stageId })
    const spread = { kind: 'roundRobin', partitionCount: WIDTH } as const
    if (stage.output?.kind === 'table') stages.push({ ...stage, plan: tableOf(stage.inputs[0]!) })
    else stages.push({ ...stage, plan, output: stage.output === null ? null : spread })
  }
  return { ...graph, stages }
}

function readOf(stageId: number, broadcast: boolean): PhysicalPlan {
  return { kind: 'ShuffleReadExec', id: 3, schema: SCHEMA, stageId, partitionCount: WIDTH, broadcast }
}

function joined(left: PhysicalPlan, right: PhysicalPlan): PhysicalPlan {
  return {
    kind: 'NestedLoopJoinExec',
    id: 4,
    schema: SCHEMA,
    left,
    right,
    joinType: 'inner',
    condition: null,
  }
}

function tableOf(stageId: number): PhysicalPlan {
  return {
    kind: 'JoinBuildExec',
    id: 5,
    schema: SCHEMA,
    input: readOf(stageId, false),
    keys: [],
    nullSafe: [],
    keysOnly: false,
    markingTasks: 0,
    filtered: [],
  }
}

/** What a task reads: partitions of all maps of stages. */
export interface Read {
  readonly stageId: number
  readonly partition: number
}

/** Of a task with this plan; `tableOf` gives the plans of tables. */
export function readsOf(
  plan: PhysicalPlan,
  partition: number,
  tablePlan: (stageId: number) => PhysicalPlan,
): Read[] {
  const own = taskInputsOf(plan, partition)
  const tables = tablesReadBy(plan).flatMap((stageId) => readsOf(tablePlan(stageId), 0, tablePlan))
  return [...own.map((input) => ({ stageId: input.stageId, partition: input.partition })), ...tables]
}

/** What a task makes of what it has read, in order: the same of the same, another of anything else. */
export function contentOf(stageKey: string, partition: number, cells: readonly string[]): string {
  return digest(`${stageKey}:${partition}(${cells.join(',')})`)
}

export function cellOf(content: string, partition: number): string {
  return digest(`${content}/${partition}`)
}

/** A job, and what its stages are called in contents: those that jobs of a session share, the same in all. */
export interface SimulatedJob {
  readonly graph: JobGraph
  readonly key: string
  /** The first stages, up to a kept one, are shared. */
  readonly sharedCount: number
  readonly sharedKey: string
  /** A task that fails by its own fault. */
  readonly poison: { readonly stageId: number; readonly partition: number } | null
}

export function stageKey({ key, sharedCount, sharedKey }: SimulatedJob, stageId: number): string {
  return stageId < sharedCount ? `${sharedKey}.${stageId}` : `${key}.${stageId}`
}

/** What the tasks of the last stage must leave, by partition, if nothing is lost and nothing doubled. */
export function expectedRows(job: SimulatedJob): string[] {
  const { stages } = job.graph
  const contents: string[][] = []
  for (const stage of stages) {
    const isTable = stage.output?.kind === 'table'
    const tasks = isTable ? [] : Array.from({ length: stage.taskCount }, (_, partition) => partition)
    contents.push(
      tasks.map((partition) => {
        const reads = readsOf(stage.plan, partition, (id) => stages[id]!.plan)
        const cells = reads.flatMap((read) =>
          contents[read.stageId]!.map((content) => cellOf(content, read.partition)),
        )
        return contentOf(stageKey(job, stage.id), partition, cells)
      }),
    )
  }
  return contents.at(-1)!
}

/** FNV-1a, twice from different bases: 16 hexadecimal digits. */
function digest(text: string): string {
  let [high, low] = [0x811c9dc5, 0x01000193]
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    high = Math.imul(high ^ code, 0x01000193)
    low = Math.imul(low ^ code, 0x01000197) + high
  }
  return (high >>> 0).toString(16).padStart(8, '0') + (low >>> 0).toString(16).padStart(8, '0')
}
