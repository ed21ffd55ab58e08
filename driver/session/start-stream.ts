import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileSystemOf, sinkOf } from '../../connectors/index.ts'
import { EngineError } from '../../engine/errors.ts'
import { type Resolved, resolvedOf } from '../../sql/analyzer/index.ts'
import type {
  StreamingQuery as QueryHandle,
  StreamRequest,
  StreamTrigger,
} from '../../sql/dataframe/index.ts'
import { type LogicalPlan, outputOf } from '../../sql/plan/index.ts'
import {
  parseDurationMs,
  type StreamEngine,
  StreamingQuery,
  type StreamTarget,
  type Trigger,
} from '../streaming/index.ts'
import { type KeptRows, keepBatches } from './cached-rows.ts'
import type { SessionCore } from './session-core.ts'

/** Begins a streaming query of a session. */
export async function startStream(
  plan: LogicalPlan,
  request: StreamRequest,
  newFrame: (make: () => Promise<Resolved>) => unknown,
  core: SessionCore,
): Promise<QueryHandle> {
  const { checkpointLocation, latePath, options } = splitOptions(request)
  const name = request.name ?? `stream-${randomUUID().slice(0, 8)}`
  if (core.streams.get(name)?.isActive === true)
    throw new EngineError('CONCURRENT_STREAM', `a query named "${name}" runs already`)
  const isKept = request.format !== 'memory' && request.format !== 'console'
  if (checkpointLocation === null && isKept)
    throw new EngineError('CONFIG_INVALID', 'a streaming query needs option "checkpointLocation"', {
      hint: 'Name a folder of its own; the query goes on from there after a restart.',
    })
  const checkpointPath = checkpointLocation ?? join(tmpdir(), `millrace-stream-${randomUUID()}`)
  const query = await StreamingQuery.start(
    {
      name,
      plan,
      outputMode: request.outputMode,
      trigger: triggerOf(request.trigger),
      target: await targetOf(plan, { ...request, options }, name, newFrame, core),
      checkpointPath,
      fileSystem: fileSystemOf(checkpointPath),
      statePartitions: core.jobs.slots,
      late: latePath === null ? null : { sink: 'parquet', options: { path: latePath } },
    },
    engineOf(core),
  )
  core.streams.set(name, query)
  return query
}

function engineOf(core: SessionCore): StreamEngine {
  return {
    jobs: core.jobs,
    settings: () => core.settings(),
    plan: (logical, settings, streaming) => core.runner.plan(logical, settings, streaming),
    driverContext: (settings) => core.runner.driverContext(settings),
  }
}

/** Options of the query itself, and those of its sink. */
function splitOptions({ options }: StreamRequest): {
  readonly checkpointLocation: string | null
  /** Folder of Parquet files for rows that come too late. */
  readonly latePath: string | null
  readonly options: StreamRequest['options']
} {
  const own = new Map<string, string>()
  const rest: Record<string, string> = {}
  for (const [name, value] of Object.entries(options)) {
    if (['checkpointlocation', 'latepath'].includes(name.toLowerCase())) own.set(name.toLowerCase(), value)
    else rest[name] = value
  }
  return {
    checkpointLocation: own.get('checkpointlocation') ?? null,
    latePath: own.get('latepath') ?? null,
    options: rest,
  }
}

function triggerOf(trigger: StreamTrigger | null): Trigger {
  if (trigger === null || 'lowLatency' in trigger) return { kind: 'asap' }
  if ('once' in trigger) return { kind: 'once' }
  if ('availableNow' in trigger) return { kind: 'availableNow', closesWindows: trigger.closeWindows === true }
  return { kind: 'interval', intervalMs: parseDurationMs(trigger.processingTime) }
}

async function targetOf(
  plan: LogicalPlan,
  request: StreamRequest,
  name: string,
  newFrame: (make: () => Promise<Resolved>) => unknown,
  core: SessionCore,
): Promise<StreamTarget> {
  const { format, options, partitionColumns, onBatch } = request
  if (format === 'foreachBatch' || format === 'console') {
    const work = onBatch ?? showBatch
    return rowsTarget(plan, core, async (rows, batchId) => {
      await work(
        newFrame(async () => resolvedOf(rows)),
        batchId,
      )
    })
  }
  if (format === 'memory') return memoryTarget(plan, request, name, core)
  const sink = sinkOf(format)
  if (sink.guarantee === undefined)
    throw new EngineError('UNSUPPORTED_FEATURE', `data sink "${format}" cannot take a stream`)
  return { kind: 'sink', sink: format, options, partitionColumns }
}

async function showBatch(batch: unknown, batchId: number): Promise<void> {
  process.stdout.write(`-- batch ${batchId}\n`)
  await (batch as { show(): Promise<void> }).show()
}

/** The rows of each batch are kept in the session's memory while the program looks at them. */
function rowsTarget(
  plan: LogicalPlan,
  core: SessionCore,
  work: (rows: LogicalPlan, batchId: number) => Promise<void>,
): StreamTarget {
  return {
    kind: 'rows',
    async take(batchId, batches) {
      const kept = await keepBatches(outputOf(plan), batches, core)
      try {
        await work(kept.plan, batchId)
      } finally {
        kept.free()
      }
    },
  }
}

/** A temporary view with all rows so far, or with those of the last batch if that is complete. */
function memoryTarget(
  plan: LogicalPlan,
  { outputMode }: StreamRequest,
  name: string,
  core: SessionCore,
): StreamTarget {
  const columns = outputOf(plan)
  const kept: KeptRows[] = []
  const show = (): void => {
    const inputs = kept.map((rows) => rows.plan)
    const union: LogicalPlan = inputs.length === 1 ? inputs[0]! : { kind: 'Union', inputs, columns }
    const none: LogicalPlan = { kind: 'Values', columns, rows: [] }
    core.catalog.setView(name, { kind: 'plan', plan: inputs.length === 0 ? none : union })
  }
  show()
  return {
    kind: 'rows',
    async take(_batchId, batches) {
      const rows = await keepBatches(columns, batches, core)
      const before = outputMode === 'complete' ? kept.splice(0) : []
      kept.push(rows)
      show()
      for (const old of before) old.free()
    },
  }
}
