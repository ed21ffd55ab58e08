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
  RESULT_WINDOW,
  type StageMessage,
  type TaskMessage,
  type TaskTiming,
} from '../proto/messages/index.ts'
import type { ReplyOutbox } from './reply-outbox.ts'

/** What the runner needs of its thread. */
export interface TaskHost {
  readonly pool: MemoryPool
  readonly services: Services & {
    /** Resolves when all shipped functions can be called. */
    ready(): Promise<void>
  }
  readonly outbox: ReplyOutbox
  isCancelled(taskId: number): boolean
  /** Resolves at the next ack of the task. */
  nextAck(taskId: number): Promise<void>
}

const NO_INPUTS: NonNullable<TaskMessage['shuffleInputs']> = new Map()
const NO_TABLES: NonNullable<TaskMessage['tables']> = new Map()

/** Runs one task to its end and reports it; says how many microseconds it took. Never throws. */
export async function runTask(task: TaskMessage, stage: StageMessage, host: TaskHost): Promise<number> {
  const { taskId } = task
  const startUs = monotonicUs()
  const timing = (): TaskTiming => ({ threadId, startUs, endUs: monotonicUs() })
  const context = new LocalTaskContext({
    pool: host.pool,
    services: host.services,
    settings: stage.settings,
    tag: task.tag,
    partition: task.partition,
    attempt: task.attempt,
    isCancelled: () => host.isCancelled(taskId),
    shuffleInputs: task.shuffleInputs ?? NO_INPUTS,
    tables: task.tables ?? NO_TABLES,
  })
  const run: TaskRun = { task, stage, host, context }
  try {
    await host.services.ready()
    const shuffle = await output(runPlan(stage.plan, context), run)
    const { metrics, parts, table } = context
    context.close()
    host.outbox.add({ kind: 'done', taskId, shuffle, table, parts, metrics, timing: timing() })
  } catch (error) {
    context.close()
    const { metrics } = context
    host.outbox.add({ kind: 'failed', taskId, error: errorToData(error), metrics, timing: timing() })
  }
  return monotonicUs() - startUs
}

/** A task on its way. */
interface TaskRun {
  readonly task: TaskMessage
  readonly stage: StageMessage
  readonly host: TaskHost
  readonly context: LocalTaskContext
}

function output(batches: AsyncIterable<RecordBatch>, run: TaskRun): Promise<DoneMessage['shuffle']> {
  const { output: kind } = run.stage
  switch (kind.kind) {
    case 'result':
      return sendResult(batches, run)
    case 'shuffle':
      return writeShuffle(batches, kind.distribution, run)
    case 'table':
      return leaveTable(batches, run.context)
  }
}

/**
 * Every batch in a region of its own, which the client frees; at most RESULT_WINDOW wait for it, and only one
 * where memory is scarce.
 */
async function sendResult(
  batches: AsyncIterable<RecordBatch>,
  { task, host, context }: TaskRun,
): Promise<null> {
  let waiting = 0
  for await (const batch of batches) {
    if (batch.rowCount === 0) continue
    while (waiting === RESULT_WINDOW || (waiting > 0 && host.pool.isScarce)) {
      host.outbox.flush()
      await host.nextAck(task.taskId)
      waiting--
      context.checkCancelled()
    }
    const region = host.pool.createRegion(task.tag)
    const owned = copyInto(region, batch)
    host.outbox.add({ kind: 'batch', taskId: task.taskId, batch: owned, regionId: region.release() })
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
  distribution: Distribution,
  { task, stage, host, context }: TaskRun,
): Promise<DoneMessage['shuffle']> {
  const count = (metric: string, amount: number): void => context.count(stage.plan.id, metric, amount)
  const partitioner = partitionerOf(distribution, task.partition, context)
  const writer = new ShuffleWriter(host.pool, task.tag, partitioner, count)
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
