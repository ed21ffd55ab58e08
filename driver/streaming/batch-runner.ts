import { sinkOf } from '../../connectors/index.ts'
import type { StreamNote, WriteRequest, WrittenPart } from '../../engine/connect/index.ts'
import type { QuerySettings } from '../../engine/functions/index.ts'
import { inputsOf, type PhysicalPlan } from '../../engine/plan/index.ts'
import type { PlanMetrics } from '../../engine/run/index.ts'
import { types } from '../../engine/types/index.ts'
import { type LogicalPlan, newColumn, schemaOf } from '../../sql/plan/index.ts'
import type { StreamingContext } from '../../sql/planner/index.ts'
import { type ResultBatch, splitStages } from '../stages/index.ts'
import { withRanges } from './bound-source.ts'
import type { BatchRecord, StateFiles } from './checkpoint.ts'
import type { BatchOutcome } from './loop-parts.ts'
import { SNAPSHOT_EVERY } from './micro-batch.ts'
import type { StreamEngine } from './stream-engine.ts'

/** Where the rows of a query go. */
export type StreamTarget =
  /** A connector: tasks write, and its commit knows the batch. */
  | {
      readonly kind: 'sink'
      readonly sink: string
      readonly options: Readonly<Record<string, string>>
      readonly partitionColumns: readonly string[]
    }
  /** The program takes the rows of each batch. */
  | {
      readonly kind: 'rows'
      take(batchId: number, rows: AsyncIterable<ResultBatch>, plan: PhysicalPlan): Promise<void>
    }

export interface BatchRunnerOptions {
  readonly engine: StreamEngine
  readonly plan: LogicalPlan
  readonly queryId: string
  readonly outputMode: StreamingContext['outputMode']
  readonly target: StreamTarget
  readonly checkpointPath: string
  /** Where rows that come too late go; null: nowhere. */
  readonly late: { readonly sink: string; readonly options: Readonly<Record<string, string>> } | null
  /** For people. */
  readonly label: string
}

/** Runs batches of one query as jobs; see decision 0022 for what is written when. */
export class BatchRunner {
  readonly #options: BatchRunnerOptions
  constructor(options: BatchRunnerOptions) {
    this.#options = options
  }

  async run(
    batch: BatchRecord,
    state: readonly (readonly StateFiles[])[],
    signal: AbortSignal,
  ): Promise<BatchOutcome> {
    const { engine, plan, target } = this.#options
    const settings: QuerySettings = {
      ...engine.settings(),
      nowMicros: BigInt(batch.nowMicros),
      randomSeed: batch.randomSeed,
    }
    const ranged = withRanges(plan, batch.ranges)
    const logical = target.kind === 'sink' ? this.#write(ranged, target, batch) : ranged
    const context = this.#context(batch, state)
    const physical = await engine.plan(logical, settings, context)
    const outcome = await this.#runJob(physical, batch, settings, context, signal)
    for (let operator = 0; operator < context.operatorCount; operator++)
      engine.jobs.dropKept(`stream/${this.#options.queryId}/${operator}/${batch.batchId - 1}`)
    return outcome
  }

  /** Lets go of the rows kept for the next batch. */
  close(lastBatchId: number): void {
    const { engine, queryId } = this.#options
    for (let operator = 0; operator < MOST_OPERATORS; operator++)
      for (const batchId of [lastBatchId, lastBatchId + 1])
        engine.jobs.dropKept(`stream/${queryId}/${operator}/${batchId}`)
  }

  #write(
    input: LogicalPlan,
    { sink, options, partitionColumns }: StreamTarget & { readonly kind: 'sink' },
    { batchId }: BatchRecord,
  ): LogicalPlan {
    const { queryId, outputMode } = this.#options
    const columns = ['rows', 'bytes'].map((name) => newColumn(name, types.int64, false))
    const request = {
      options,
      schema: schemaOf(input),
      mode: outputMode === 'complete' ? ('overwrite' as const) : ('append' as const),
      partitionColumns,
      jobId: `${queryId}-${batchId}`,
      stream: { queryId, batchId },
    }
    return { kind: 'Write', input, sink, request, columns }
  }

  #context(
    batch: BatchRecord,
    state: readonly (readonly StateFiles[])[],
  ): StreamingContext & { readonly operatorCount: number } {
    const { queryId, outputMode, checkpointPath, late } = this.#options
    const microsOf = (text: string | null): bigint | null => (text === null ? null : BigInt(text))
    let operators = 0
    let watermarks = 0
    return {
      queryId,
      batchId: batch.batchId,
      outputMode,
      watermarkMicros: microsOf(batch.watermarkMicros),
      previousMicros: microsOf(batch.previousMicros),
      statePartitions: batch.statePartitions,
      isSnapshot: batch.batchId % SNAPSHOT_EVERY === 0,
      late: late === null ? null : { ...late, queryId, batchId: batch.batchId },
      statePath: `${checkpointPath}/state`,
      stateFiles: (operator) => filesOf(operator, state, checkpointPath),
      nextOperator: () => operators++,
      nextWatermark: () => watermarks++,
      get operatorCount() {
        return operators
      },
    }
  }

  async #runJob(
    plan: PhysicalPlan,
    batch: BatchRecord,
    settings: QuerySettings,
    context: StreamingContext & { readonly operatorCount: number },
    signal: AbortSignal,
  ): Promise<BatchOutcome> {
    const { engine, target, label } = this.#options
    await this.#beginLate(batch, settings)
    const graph = splitStages(plan, { forCluster: engine.jobs.kind === 'cluster' })
    const job = engine.jobs.run(graph, { settings, signal, label: `${label}, batch ${batch.batchId}` })
    if (target.kind === 'rows') await target.take(batch.batchId, job.batches, plan)
    else if (plan.kind === 'WriteExec') await this.#commit(plan, job, settings)
    await this.#commitLate(job.parts, settings)
    const notes = job.parts.flatMap(({ note }) => (note === undefined ? [] : [note]))
    const sums = countsOf(plan, job.metrics)
    const rowsOut = job.parts.reduce(
      (sum, { note, rowCount }) => sum + (note === undefined ? rowCount : 0),
      0,
    )
    return {
      ...sums,
      rowsOut,
      eventTimes: newestTimes(notes),
      state: stateFilesOf(job.parts, context, this.#options.checkpointPath),
    }
  }

  /** Removes what a try of the batch that was cut off may have left. */
  async #beginLate({ batchId }: BatchRecord, settings: QuerySettings): Promise<void> {
    const { late, queryId } = this.#options
    if (late === null) return
    const context = this.#options.engine.driverContext(settings)
    const request: WriteRequest = {
      options: late.options,
      schema: { fields: [] },
      mode: 'append',
      partitionColumns: [],
      jobId: `${queryId}-${batchId}-late`,
      stream: { queryId, batchId },
    }
    try {
      await sinkOf(late.sink).begin(request, context)
    } finally {
      context.close()
    }
  }

  /** Rows that came too late become visible with the batch; done again after a crash, they are there once. */
  async #commitLate(parts: readonly WrittenPart[], settings: QuerySettings): Promise<void> {
    const late = parts.filter(({ note }) => note?.kind === 'late')
    const note = late[0]?.note
    if (note?.kind !== 'late') return
    const sink = sinkOf(note.sink)
    const context = this.#options.engine.driverContext(settings)
    try {
      await sink.commit(note.request, late, context)
    } finally {
      context.close()
    }
  }

  /** A sink that has the batch already lets the job run for the state's sake, and drops the rows. */
  async #commit(
    plan: PhysicalPlan & { readonly kind: 'WriteExec' },
    job: { readonly batches: AsyncIterable<ResultBatch>; readonly parts: readonly WrittenPart[] },
    settings: QuerySettings,
  ): Promise<void> {
    const sink = sinkOf(plan.sink)
    const request: WriteRequest = plan.request
    const context = this.#options.engine.driverContext(settings)
    let committed = false
    try {
      const isNew = await sink.begin(request, context)
      for await (const { release } of job.batches) release()
      const parts = job.parts.filter(({ note }) => note === undefined)
      if (isNew) await sink.commit(request, parts, context)
      committed = isNew
    } finally {
      if (!committed) await sink.abort(request, context)
      context.close()
    }
  }
}

/** No plan has more stateful operators. */
const MOST_OPERATORS = 16

/** Files of an operator's state by partition, oldest first. */
function filesOf(
  operator: number,
  state: readonly (readonly StateFiles[])[],
  checkpointPath: string,
): readonly (readonly string[])[] {
  const partitions: string[][] = []
  for (const batch of state)
    for (const { operator: owner, files, isSnapshot } of batch) {
      if (owner !== operator) continue
      for (const [partition, file] of files.entries()) {
        const known = partitions[partition] ?? []
        partitions[partition] = known
        if (isSnapshot) known.length = 0
        if (file !== null) known.push(`${checkpointPath}/${file}`)
      }
    }
  return Array.from(partitions, (files) => files ?? [])
}

function stateFilesOf(
  parts: readonly WrittenPart[],
  { statePartitions, isSnapshot, operatorCount }: StreamingContext & { readonly operatorCount: number },
  checkpointPath: string,
): StateFiles[] {
  return Array.from({ length: operatorCount }, (_, operator) => {
    const files: (string | null)[] = Array.from({ length: statePartitions }, () => null)
    let rowCount = 0
    let bytes = 0
    for (const part of parts) {
      const { note } = part
      if (note?.kind !== 'state' || note.operator !== operator) continue
      files[note.partition] = note.path.slice(checkpointPath.length + 1)
      rowCount += part.rowCount
      bytes += part.sizeBytes
    }
    return { operator, isSnapshot, files, rowCount, bytes }
  })
}

/** By watermark and partition of the source, as `1/0`. */
function newestTimes(notes: readonly StreamNote[]): Record<string, bigint> {
  const newest: Record<string, bigint> = {}
  for (const note of notes) {
    if (note.kind !== 'eventTime') continue
    for (const [partition, micros] of Object.entries(note.newest)) {
      const key = `${note.watermark}/${partition}`
      if (micros > (newest[key] ?? -(2n ** 63n))) newest[key] = micros
    }
  }
  return newest
}

/** What nodes counted: rows that streams gave, rows that came too late, records that could not be read. */
function countsOf(
  plan: PhysicalPlan,
  metrics: PlanMetrics,
): Pick<BatchOutcome, 'rowsIn' | 'rowsLate' | 'rowsBad'> {
  const own = metrics[plan.id] ?? {}
  const sums = { rowsIn: 0, rowsLate: own['lateRows'] ?? 0, rowsBad: own['badRows'] ?? 0 }
  if (plan.kind === 'ScanExec' && 'stream.to' in plan.request.options) sums.rowsIn = own['rows'] ?? 0
  for (const input of inputsOf(plan)) {
    const below = countsOf(input, metrics)
    sums.rowsIn += below.rowsIn
    sums.rowsLate += below.rowsLate
    sums.rowsBad += below.rowsBad
  }
  return sums
}
