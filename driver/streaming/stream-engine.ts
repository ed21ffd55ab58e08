import type { SourceContext } from '../../engine/connect/index.ts'
import type { QuerySettings } from '../../engine/functions/index.ts'
import type { PhysicalPlan } from '../../engine/plan/index.ts'
import type { LogicalPlan } from '../../sql/plan/index.ts'
import type { StreamingContext } from '../../sql/planner/index.ts'
import type { JobRunner } from '../stages/index.ts'

/** What streaming queries need of their session. */
export interface StreamEngine {
  readonly jobs: JobRunner
  settings(): QuerySettings
  plan(logical: LogicalPlan, settings: QuerySettings, streaming: StreamingContext): Promise<PhysicalPlan>
  driverContext(settings: QuerySettings): SourceContext & { close(): void }
}
