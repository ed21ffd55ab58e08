import { inputsOf, joinRoles, needsMarks, type PhysicalPlan, withInputs } from '../../../engine/plan/index.ts'
import type { Stage } from '../../stages/index.ts'
import type { JobStages } from '../job-stages.ts'
import type { StageRun } from '../stage-run.ts'
import type { AdaptSettings } from './adapt-settings.ts'
import { joinBelow, readBelow } from './partitioned-reads.ts'
import { sizeText } from './size-text.ts'

type HashJoin = Extract<PhysicalPlan, { readonly kind: 'HashJoinExec' }>

/**
 * A stage is done that is the build side of joins: where it turned out small, and the other side has not
 * begun, each executor makes a table of it, and the other side's rows are joined where they are instead of
 * being parted first. The stage of the other side becomes that of the table. Gives what was changed, for
 * people.
 */
export function switchJoins(
  stages: JobStages,
  doneId: number,
  { enabled, tableBytes }: AdaptSettings,
): readonly { readonly stageId: number; readonly text: string }[] {
  const done = stages.runs[doneId]!
  const { partitionBytes } = done.outputs
  const bytes = partitionBytes.reduce((sum, each) => sum + each, 0)
  if (!enabled || partitionBytes.length === 0 || bytes > tableBytes) return []
  const changes: { stageId: number; text: string }[] = []
  for (const reader of [...done.readers]) {
    const join = switchableJoin(stages, reader, doneId)
    if (join === null) continue
    const { stream, node } = join
    stages.replace(switched(stages, reader.stage, node, stream.stage, doneId))
    const what = `stage ${doneId} is ${sizeText(bytes)} and becomes a table`
    changes.push({
      stageId: reader.id,
      text: `${what}, rows of stage ${stream.id} are joined where they are`,
    })
  }
  return changes
}

/** A build side with so many times fewer tasks than the other side is waited for. */
const FEWER_TASKS = 4

/**
 * Whether a stage should wait a little: the build side that it would be parted for runs already, has few
 * tasks, and may turn out small.
 */
export function waitsForBuild(stages: JobStages, stageId: number, { enabled }: AdaptSettings): boolean {
  const stream = stages.runs[stageId]!
  const [reader] = stream.readers
  if (!enabled || stream.hasBegun || reader === undefined) return false
  return reader.inputs.some((input) => {
    const build = stages.runs[input]!
    if (!build.isReady || build.stage.taskCount * FEWER_TASKS > stream.stage.taskCount) return false
    return switchableJoin(stages, reader, input)?.stream === stream
  })
}

/**
 * The join of a stage whose build side is `buildId`, and the stage of its other side, if it may be switched.
 */
function switchableJoin(
  stages: JobStages,
  reader: StageRun,
  buildId: number,
): { readonly node: HashJoin; readonly stream: StageRun } | null {
  if (!isUntouched(reader) || reader.stage.output?.kind === 'forward') return null
  const node = joinBelow(reader.stage.plan)
  if (node?.kind !== 'HashJoinExec' || node.joinType === 'nullAwareAnti') return null
  if (needsMarks(node.joinType, node.build) || readBelow(node[node.build]) !== buildId) return null
  const streamId = readBelow(node[otherSide(node)])
  // A table's stage stands after what it is made of.
  if (streamId === null || streamId <= buildId) return null
  const stream = stages.runs[streamId]!
  const isRead = stream.readers.length === 1 && countReads(reader.stage.plan, streamId) === 1
  return isRead && isUntouched(stream) && stream.stage.taskCount > 0 ? { node, stream } : null
}

function isUntouched({ hasBegun, isBarrier, isVirtual, kept, wasComplete }: StageRun): boolean {
  return !hasBegun && !isBarrier && !isVirtual && kept === null && !wasComplete
}

function otherSide({ build }: HashJoin): 'left' | 'right' {
  return build === 'left' ? 'right' : 'left'
}

function countReads(plan: PhysicalPlan, stageId: number): number {
  const own = plan.kind === 'ShuffleReadExec' && plan.stageId === stageId ? 1 : 0
  return inputsOf(plan).reduce((sum, input) => sum + countReads(input, stageId), own)
}

/** The stage of the table, under the id of the streamed one, and the reader that streams by itself. */
function switched(
  stages: JobStages,
  reader: Stage,
  node: HashJoin,
  stream: Stage,
  buildId: number,
): readonly Stage[] {
  const { build, joinType, condition, nullSafe } = node
  const input = node[build]
  const { schema } = input
  const id = 1 + Math.max(...stages.runs.map((run) => greatestId(run.stage.plan)))
  const table: PhysicalPlan = {
    kind: 'JoinBuildExec',
    id,
    schema,
    input,
    keys: build === 'left' ? node.leftKeys : node.rightKeys,
    nullSafe,
    keysOnly: condition === null && !joinRoles(joinType, build).givesPairs,
    markingTasks: 0,
    filtered: [],
  }
  const read: PhysicalPlan = { kind: 'TableReadExec', id, schema, stageId: stream.id }
  const streamed = replaceRead(node[otherSide(node)], stream.id, stream.plan)
  const joined =
    build === 'left' ? { ...node, left: read, right: streamed } : { ...node, left: streamed, right: read }
  const others = reader.inputs.filter((each) => each !== buildId && each !== stream.id)
  return [
    { id: stream.id, plan: table, taskCount: 1, output: { kind: 'table' }, inputs: [buildId] },
    {
      ...reader,
      plan: replaceNode(reader.plan, node, joined),
      taskCount: stream.taskCount,
      inputs: [...new Set([...others, ...stream.inputs, stream.id])],
    },
  ]
}

function greatestId(plan: PhysicalPlan): number {
  return inputsOf(plan).reduce((id, input) => Math.max(id, greatestId(input)), plan.id)
}

function replaceRead(plan: PhysicalPlan, stageId: number, by: PhysicalPlan): PhysicalPlan {
  if (plan.kind === 'ShuffleReadExec') return plan.stageId === stageId ? by : plan
  return withInputs(
    plan,
    inputsOf(plan).map((input) => replaceRead(input, stageId, by)),
  )
}

function replaceNode(plan: PhysicalPlan, node: PhysicalPlan, by: PhysicalPlan): PhysicalPlan {
  if (plan === node) return by
  const inputs = inputsOf(plan)
  const replaced = inputs.map((input) => replaceNode(input, node, by))
  return replaced.every((input, at) => input === inputs[at]) ? plan : withInputs(plan, replaced)
}
