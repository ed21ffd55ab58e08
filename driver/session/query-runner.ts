import { fileSystemOf, sinkOf, sourceOf } from '../../connectors/index.ts'
import { memorySource, portableSplits } from '../../connectors/memory/index.ts'
import type { SourceContext, SplitPlan, WrittenPart } from '../../engine/connect/index.ts'
import type { QuerySettings } from '../../engine/functions/index.ts'
import type { MemoryPool } from '../../engine/memory/index.ts'
import type { PhysicalPlan, ScanRequestData } from '../../engine/plan/index.ts'
import type { PlanMetrics } from '../../engine/run/index.ts'
import { optimize } from '../../sql/optimizer/index.ts'
import { inputsOf, type LogicalPlan } from '../../sql/plan/index.ts'
import { planQuery, type StreamingContext } from '../../sql/planner/index.ts'
import { runHere, runsHere } from '../local/index.ts'
import { insertRdds } from '../rdd/index.ts'
import {
  type JobRequest,
  type JobRunner,
  type ResultBatch,
  type RunningJob,
  splitStages,
} from '../stages/index.ts'
import { RuleSettings } from './rule-settings.ts'

/** The part of the memory that one side of a join, with its table, may fill. */
const BUILD_SHARE = 0.25

/** The setting of how many partitions an exchange by keys makes. */
const SHUFFLE_PARTITIONS = 'spark.sql.shuffle.partitions'
const MOST_PARTITIONS = 10_000

export interface RunOptions extends Omit<JobRequest, 'settings'> {
  /** Hears what a command wrote. */
  readonly onWritten?: ((written: { readonly rows: number; readonly bytes: number }) => void) | undefined
}

/** A query on its way: its plan, its rows, and, when these have ended, what was measured. */
export interface RunningQuery {
  readonly plan: PhysicalPlan
  readonly metrics: PlanMetrics
  /** What was changed of the plan while it ran. */
  readonly adaptations: readonly string[]
  readonly batches: AsyncGenerator<ResultBatch, void, void>
  /** Where the rows lie, for who needs memory for them. */
  readonly pool: MemoryPool
}

/** Turns logical plans into rows: optimizes, plans, cuts into stages, and has them run. */
export class QueryRunner {
  readonly pool: MemoryPool
  readonly jobs: JobRunner
  readonly #config: ReadonlyMap<string, string>

  /** `config`: settings of the session, as they are when a query is planned. */
  constructor(pool: MemoryPool, jobs: JobRunner, config: ReadonlyMap<string, string>) {
    this.pool = pool
    this.jobs = jobs
    this.#config = config
  }

  /** The physical plan of a query. */
  async plan(
    logical: LogicalPlan,
    settings: QuerySettings,
    streaming?: StreamingContext,
  ): Promise<PhysicalPlan> {
    const { jobs } = this
    await jobs.ready() // Only then the number of slots is known.
    const optimized = optimize(logical, new RuleSettings(settings, this.pool))
    const plan = await planQuery(optimized, {
      threads: jobs.slots,
      shufflePartitions: this.#shufflePartitions() ?? jobs.slots,
      copiesTables: jobs.kind === 'cluster',
      buildBytes: jobs.processBytes * BUILD_SHARE,
      ...(streaming === undefined ? {} : { streaming }),
      planSplits: (scan) => this.#planSplits(scan, settings),
      appliesFilters: (source) => sourceOf(source).filters === true,
    })
    return insertRdds(plan)
  }

  /** Starts a query. Nothing runs until its batches are asked for. */
  async start(
    logical: LogicalPlan,
    settings: QuerySettings,
    options: RunOptions = {},
  ): Promise<RunningQuery> {
    const { jobs, pool } = this
    if (hasScan(logical)) jobs.start() // It gets ready while the query is planned.
    const plan = await this.plan(logical, settings)
    const { signal, onProgress, label } = options
    const request = { settings, signal, onProgress, label }
    if (!jobs.isObserved && runsHere(plan)) {
      const metrics: PlanMetrics = {}
      const batches = runHere(plan, metrics, pool, () => jobs.isStopped, request)
      return { plan, metrics, adaptations: [], batches, pool }
    }
    const job = jobs.run(splitStages(plan), request)
    const batches = plan.kind === 'WriteExec' ? this.#write(plan, job, settings) : job.batches
    return { plan, metrics: job.metrics, adaptations: job.adaptations, batches, pool }
  }

  /** What sources and sinks may use on the driver. Its regions end with `close`. */
  driverContext(settings: QuerySettings): SourceContext & { close(): void } {
    const regions: { free(): void }[] = []
    return {
      pool: this.pool,
      settings,
      createRegion: () => {
        const region = this.pool.createRegion()
        regions.push(region)
        return region
      },
      checkCancelled: () => {},
      count: () => {},
      fileSystem: fileSystemOf,
      close: () => {
        for (const region of regions) region.free()
      },
    }
  }

  /** As SET says; undefined if it does not, or not a whole number from 1. */
  #shufflePartitions(): number | undefined {
    const count = Number(this.#config.get(SHUFFLE_PARTITIONS))
    return Number.isInteger(count) && count >= 1 && count <= MOST_PARTITIONS ? count : undefined
  }

  async #planSplits(
    scan: { readonly source: string; readonly request: ScanRequestData },
    settings: QuerySettings,
  ): Promise<SplitPlan> {
    const context = this.driverContext(settings)
    try {
      const plan = await sourceOf(scan.source).plan(scan.request, context)
      const isOurs = scan.source === memorySource.name && this.jobs.kind === 'cluster'
      return isOurs ? portableSplits(plan, this.pool) : plan
    } finally {
      context.close()
    }
  }

  /** Tasks write where readers do not look; the sink's commit makes it visible when all are done. */
  async *#write(
    plan: PhysicalPlan & { readonly kind: 'WriteExec' },
    job: RunningJob,
    settings: QuerySettings,
  ): AsyncGenerator<ResultBatch, void, void> {
    const sink = sinkOf(plan.sink)
    const context = this.driverContext(settings)
    let committed = false
    try {
      if (!(await sink.begin(plan.request, context))) {
        committed = true
        return
      }
      yield* job.batches
      const parts: readonly WrittenPart[] = job.parts
      await sink.commit(plan.request, parts, context)
      committed = true
    } finally {
      if (!committed) await sink.abort(plan.request, context)
      context.close()
    }
  }
}

/** Whether a query reads a table, and so will need threads. */
function hasScan(plan: LogicalPlan): boolean {
  return plan.kind === 'Scan' || inputsOf(plan).some(hasScan)
}
