import { threadId } from 'node:worker_threads'
import type { RecordBatch } from '../engine/batch/index.ts'
import { errorToData } from '../engine/errors.ts'
import { evaluate } from '../engine/evaluate/index.ts'
import type { MemoryPool, Region } from '../engine/memory/index.ts'
import type { Distribution } from '../engine/plan/index.ts'
import { LocalTaskContext, monotonicUs, runPlan, type Services } from '../engine/run/index.ts'
import { type OwnedDictionaries, ownRows, type Partitioner, ShuffleWriter } from '../engine/shuffle/index.ts'
import {
  type DoneMessage,
  type FromThread,
  RESULT_WINDOW,
  type TaskMessage,
  type TaskTiming,
} from '../proto/messages/index.ts'

/** What the runner needs of its thread. */
export interface TaskHost {
  readonly pool: MemoryPool
  readonly services: Services & {
    /** Resolves when all shipped functions can be called. */
    ready(): Promise<void>
  }
  isCancelled(taskId: number): boolean
  post(message: FromThread): void
  /** Resolves at the next ack of the task. */
  nextAck(taskId: number): Promise<void>
}

/** Runs one task to its end and reports it; never throws. */
export async function runTask(message: TaskMessage, host: TaskHost): Promise<void> {
  const { taskId } = message
  const startUs = monotonicUs()
  const timing = (): TaskTiming => ({ threadId, startUs, endUs: monotonicUs() })
  const context = new LocalTaskContext({
    pool: host.pool,
    services: host.services,
    settings: message.settings,
    tag: message.tag,
    partition: message.partition,
    attempt: message.attempt,
    isCancelled: () => host.isCancelled(taskId),
    shuffleInputs: message.shuffleInputs,
    tables: message.tables,
  })
  try {
    await host.services.ready()
    const batches = runPlan(message.plan, context)
    const shuffle = await output(batches, message, host, context)
    const { metrics, parts, table } = context
    context.close()
    host.post({ kind: 'done', taskId, shuffle, table, parts, metrics, timing: timing() })
  } catch (error) {
    context.close()
    host.post({
      kind: 'failed',
      taskId,
      error: errorToData(error),
      metrics: context.metrics,
      timing: timing(),
    })
  }
}

function output(
  batches: AsyncIterable<RecordBatch>,
  message: TaskMessage,
  host: TaskHost,
  context: LocalTaskContext,
): Promise<DoneMessage['shuffle']> {
  switch (message.output.kind) {
    case 'result':
      return sendResult(batches, message, host, context)
    case 'shuffle':
      return writeShuffle(batches, message, message.output.distribution, host, context)
    case 'table':
      return leaveTable(batches, context)
  }
}

/**
 * Every batch in a region of its own, which the client frees; at most RESULT_WINDOW wait for it, and only one
 * where memory is scarce.
 */
async function sendResult(
  batches: AsyncIterable<RecordBatch>,
  message: TaskMessage,
  host: TaskHost,
  context: LocalTaskContext,
): Promise<null> {
  let waiting = 0
  for await (const batch of batches) {
    if (batch.rowCount === 0) continue
    while (waiting === RESULT_WINDOW || (waiting > 0 && host.pool.isScarce)) {
      await host.nextAck(message.taskId)
      waiting--
      context.checkCancelled()
    }
    const region = host.pool.createRegion(message.tag)
    const owned = copyInto(region, batch)
    host.post({ kind: 'batch', taskId: message.taskId, batch: owned, regionId: region.release() })
    waiting++
  }
  return null
}

function copyInto(region: Region, batch: RecordBatch): RecordBatch {
  const dictionaries: OwnedDictionaries = new Map()
  try {
    return ownRows(batch, null, batch.rowCount, region, dictionaries)
  } catch (error) {
    region.free()
    throw error
  }
}

/** The table's region is an output without batches, so it is freed as all outputs are. */
async function leaveTable(
  batches: AsyncIterable<RecordBatch>,
  context: LocalTaskContext,
): Promise<DoneMessage['shuffle']> {
  for await (const _rows of batches) context.checkCancelled()
  return context.releaseTable()
}

async function writeShuffle(
  batches: AsyncIterable<RecordBatch>,
  message: TaskMessage,
  distribution: Distribution,
  host: TaskHost,
  context: LocalTaskContext,
): Promise<DoneMessage['shuffle']> {
  const count = (metric: string, amount: number): void => context.count(message.plan.id, metric, amount)
  const partitioner = partitionerOf(distribution, message.partition, context)
  const writer = new ShuffleWriter(host.pool, message.tag, partitioner, count)
  try {
    for await (const batch of batches) {
      context.checkCancelled()
      writer.append(batch)
    }
    return writer.finish()
  } catch (error) {
    writer.free()
    throw error
  }
}

function partitionerOf(
  distribution: Distribution,
  partition: number,
  context: LocalTaskContext,
): Partitioner {
  switch (distribution.kind) {
    case 'single':
    case 'broadcast':
      return { kind: 'one' }
    case 'forward':
      return { kind: 'fixed', partitionCount: distribution.partitionCount, partition }
    case 'roundRobin':
      return { kind: 'roundRobin', partitionCount: distribution.partitionCount, start: partition }
    case 'direct':
      return { kind: 'direct', partitionCount: distribution.partitionCount, column: distribution.column }
    case 'hash': {
      const { keys, partitionCount } = distribution
      const keysOf = (batch: RecordBatch, scratch: Region): RecordBatch['columns'] =>
        keys.map((key) => evaluate(key, batch, context.evalContext(scratch)))
      return { kind: 'hash', partitionCount, keys: keysOf }
    }
  }
}
