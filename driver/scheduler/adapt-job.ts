import { adaptSettings, adaptStage, switchJoins, waitsForBuild } from './adapt/index.ts'
import type { ClusterState, SessionState } from './cluster-state.ts'
import type { JobStagesOptions } from './job-stages.ts'

/** Adaptive execution of the jobs of a session, as its settings want it. */
export function adaptOptions(
  state: ClusterState,
  session: SessionState,
): Pick<JobStagesOptions, 'adapt' | 'onComplete' | 'waits'> {
  const settings = adaptSettings(state.settings.adaptive, session.settings)
  return {
    adapt: (stages, stageId) => adaptStage(stages, stageId, slotsOf(state, session), settings),
    onComplete: (stages, stageId) => switchJoins(stages, stageId, settings),
    waits: (stages, stageId) => waitsForBuild(stages, stageId, settings),
  }
}

/** How many tasks of a session may run at the same time. */
function slotsOf({ workers }: ClusterState, { maxSlots }: SessionState): number {
  let slots = 0
  for (const worker of workers.values()) if (!worker.isDraining) slots += worker.slots
  return maxSlots > 0 ? Math.min(maxSlots, slots) : slots
}
