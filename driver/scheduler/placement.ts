import type { PhysicalPlan } from '../../engine/plan/index.ts'
import { inputsOf } from '../../engine/plan/index.ts'
import { taskInputsOf } from '../../engine/run/index.ts'
import type { InputSlice } from './cluster-events.ts'
import type { ClusterState } from './cluster-state.ts'
import type { JobStages } from './job-stages.ts'
import type { StageRun } from './stage-run.ts'
import type { Places } from './task-queue.ts'

/** Tasks with less input than this run as well anywhere. */
const LEAST_BYTES = 1 << 18

/** A holder with this part of a task's input is near it. */
const LEAST_PART = 0.3

/** Stages with more tasks than this times maps are not looked at: it would take longer than it saves. */
const MOST_SIZES = 2_000_000

/**
 * Where the tasks of a stage would rather run: with the executors that hold most of their input, or on the
 * hosts of what they scan. Null: it makes no difference.
 */
export function placesOfStage(
  state: ClusterState,
  stages: JobStages,
  run: StageRun,
): ((partition: number) => Places) | null {
  const { plan, taskCount } = run.stage
  const hosts = hasHosts(plan)
  const maps = run.inputs.reduce((sum, input) => sum + stages.runs[input]!.outputs.taskCount, 0)
  const bytes = run.inputs.reduce((sum, input) => sum + totalBytes(stages.runs[input]!), 0)
  const readsMuch = bytes >= LEAST_BYTES * taskCount && maps * taskCount <= MOST_SIZES
  if (!hosts && !readsMuch) return null
  return (partition) => {
    const near = readsMuch ? holdersOf(state, stages, run, partition) : []
    return near.length > 0 ? near : hosts ? hostsOf(plan, partition) : []
  }
}

function totalBytes({ outputs }: StageRun): number {
  let sum = 0
  for (const bytes of outputs.partitionBytes) sum += bytes
  return sum
}

function holdersOf(state: ClusterState, stages: JobStages, run: StageRun, partition: number): number[] {
  const byHolder = new Map<number, number>()
  let total = 0
  for (const slice of run.slices?.[partition] ?? wholeSlices(run, stages, partition)) {
    const { outputs } = stages.runs[slice.stageId]!
    for (let map = slice.fromMap; map < slice.toMap; map++) {
      const holder = outputs.holders[map]!
      for (let part = slice.fromPartition; part < slice.toPartition; part++) {
        const bytes = outputs.bytesOf(map, part)
        total += bytes
        if (bytes > 0) byHolder.set(holder, (byHolder.get(holder) ?? 0) + bytes)
      }
    }
  }
  if (total < LEAST_BYTES) return []
  const near = [...byHolder].filter(
    ([holder, bytes]) => bytes >= total * LEAST_PART && isThere(state, holder),
  )
  return near.sort(([, a], [, b]) => b - a).map(([holder]) => holder)
}

/** What a task reads if nobody changed it; what all tasks read says nothing of where one should run. */
function wholeSlices(run: StageRun, stages: JobStages, partition: number): InputSlice[] {
  return taskInputsOf(run.stage.plan, partition)
    .filter(({ stageId }) => stages.runs[stageId]!.stage.output?.kind !== 'broadcast')
    .map(({ stageId, partition: part }) => ({
      stageId,
      fromPartition: part,
      toPartition: part + 1,
      fromMap: 0,
      toMap: stages.runs[stageId]!.outputs.taskCount,
    }))
}

function isThere(state: ClusterState, holder: number): boolean {
  const found = state.holders.get(holder)
  return found !== undefined && 'worker' in found && found.state === 'ready'
}

function hasHosts(plan: PhysicalPlan): boolean {
  if (plan.kind === 'ScanExec')
    return plan.partitions.some((splits) => splits.some(({ hosts }) => hosts?.length))
  return inputsOf(plan).some(hasHosts)
}

function hostsOf(plan: PhysicalPlan, partition: number): readonly string[] {
  if (plan.kind === 'ScanExec')
    return plan.partitions[partition]?.find(({ hosts }) => hosts?.length)?.hosts ?? []
  for (const input of inputsOf(plan)) {
    const hosts = hostsOf(input, partition)
    if (hosts.length > 0) return hosts
  }
  return []
}
