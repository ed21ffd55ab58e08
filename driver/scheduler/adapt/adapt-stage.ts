import type { JobStages } from '../job-stages.ts'
import type { AdaptSettings } from './adapt-settings.ts'
import { cutTasks, type InputSizes } from './cut-tasks.ts'
import { partitionedReads, splittableJoin } from './partitioned-reads.ts'

/**
 * Cuts a stage that is about to begin into tasks that suit the sizes of its inputs. Gives what was changed,
 * for people.
 */
export function adaptStage(
  stages: JobStages,
  stageId: number,
  slots: number,
  settings: AdaptSettings,
): readonly string[] {
  const run = stages.runs[stageId]!
  if (!settings.enabled) return []
  const reads = partitionedReads(run.stage)
  if (reads === null) return []
  const inputs = reads.map((input): InputSizes => {
    const { outputs } = stages.runs[input]!
    return {
      stageId: input,
      mapCount: outputs.taskCount,
      partitionBytes: outputs.partitionBytes,
      bytesOf: (map, partition) => outputs.bytesOf(map, partition),
    }
  })
  const { taskCount } = run.stage
  // Of partitions whose sizes are not known nothing can be said; those that are moved on are not partitioned
  // anew.
  const isKnown = inputs.every(({ partitionBytes }) => partitionBytes.length === taskCount)
  const moves = reads.some((input) => stages.runs[input]!.stage.output?.kind === 'forward')
  if (!isKnown || moves) return []
  const cut = cutTasks(inputs, taskCount, splittableJoin(run.stage), slots, settings)
  if (cut === null) return []
  run.change({ ...run.stage, taskCount: cut.slices.length }, cut.slices)
  return cut.changes.map((change) => `stage ${stageId}: ${change}`)
}
