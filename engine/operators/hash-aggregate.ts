import type { RecordBatch } from '../batch/index.ts'
import type { Expr } from '../expr/index.ts'
import type { HashAggregateExec } from '../plan/index.ts'
import { AggregateGroups } from './aggregate-groups.ts'
import type { Operator, TaskContext } from './operator.ts'
import { partialAggregate } from './partial-aggregate.ts'
import { MAX_SPILL_LEVELS, SPILL_FAN_OUT, SpillPartitions, type SpillTarget } from './spill-partitions.ts'

/**
 * Groups rows by keys in a hash table; states of aggregates are columns indexed by group number.
 *
 *   batch ─▶ keys ─HashTable─▶ group of each row ─▶ accumulators.update / merge
 *   end   ─▶ keys by group + accumulators.finish / state, 64 k groups a batch
 */
export const hashAggregate: Operator<HashAggregateExec> = {
  execute: (node, [input], context) => runAggregate(node, null, input!, context),
}

/** The same over the rows for which the predicate is TRUE; null: all. */
export function runAggregate(
  node: HashAggregateExec,
  predicate: Expr | null,
  input: AsyncIterable<RecordBatch>,
  context: TaskContext,
): AsyncIterable<RecordBatch> {
  return node.mode === 'partial'
    ? partialAggregate(node, predicate, input, context)
    : aggregate(node, predicate, input, 0, context)
}

/**
 * Groups that memory does not hold go to disk as partial states, parted by the hash of their keys, and others
 * begin; at the end the states of each partition are merged. `level`: how often rows were parted already.
 */
async function* aggregate(
  node: HashAggregateExec,
  predicate: Expr | null,
  input: AsyncIterable<RecordBatch> | Iterable<RecordBatch>,
  level: number,
  context: TaskContext,
): AsyncIterable<RecordBatch> {
  const scratch = context.createRegion()
  let groups = new AggregateGroups(node, predicate, context)
  const spilled = new SpillPartitions(spillTarget(node, level), context)
  let rowOffset = 0
  let isEmpty = true
  try {
    for await (const batch of input) {
      context.checkCancelled()
      if (batch.rowCount === 0) continue
      scratch.reset()
      if (groups.add(batch, scratch, rowOffset) > 0) isEmpty = false
      rowOffset += batch.rowCount
      if (!groups.isLarge || level >= MAX_SPILL_LEVELS || groups.spillValues()) continue
      for (const states of groups.states(scratch)) spilled.add(states)
      groups.free()
      groups = new AggregateGroups(node, predicate, context)
    }
    if (spilled.rowCount > 0) {
      for (const states of groups.states(scratch)) spilled.add(states)
      groups.free()
      for (let partition = 0; partition < SPILL_FAN_OUT; partition++)
        yield* aggregate(mergeOf(node), null, spilled.read(partition), level + 1, context)
    } else if (node.mode === 'merge') {
      if (!isEmpty) yield* groups.states(scratch)
    } else if (!isEmpty || node.keys.length === 0) yield* groups.results(scratch)
  } finally {
    scratch.free()
    groups.free()
    spilled.free()
  }
}

/** Partial states begin with the keys. */
function spillTarget({ id, keys }: HashAggregateExec, level: number): SpillTarget {
  return { nodeId: id, level, keysOf: ({ columns }) => columns.slice(0, keys.length) }
}

/** The aggregate over the partial states of another. */
function mergeOf(node: HashAggregateExec): HashAggregateExec {
  const keys = node.keys.map(({ type }, index): Expr => ({ kind: 'column', index, name: '', type }))
  const mode = node.mode === 'merge' ? 'merge' : 'final'
  return { ...node, mode, keys, calls: node.calls.map((call) => ({ ...call, filter: null })) }
}
