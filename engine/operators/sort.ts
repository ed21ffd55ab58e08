import type { RecordBatch } from '../batch/index.ts'
import { assert } from '../errors.ts'
import type { KeyBounds } from '../kernels/index.ts'
import type { Region } from '../memory/index.ts'
import type { SortExec } from '../plan/index.ts'
import { addWithin, keyRange } from './key-ranges.ts'
import type { Operator, TaskContext } from './operator.ts'
import { SortKeys } from './sort-keys.ts'
import { Sorter } from './sorter.ts'

/**
 * All rows of the partition in the order of the keys; rows with equal keys keep the order they came in. By
 * ranges, the rows of all partitions come in order.
 */
export const sort: Operator<SortExec> = {
  async *execute(node, [input], context): AsyncIterable<RecordBatch> {
    const sorter = new Sorter(node.keys, node.id, context)
    const held = context.createRegion()
    const scratch = context.createRegion()
    const keys = new SortKeys(node.keys, context)
    try {
      const bounds = node.rangeCount === undefined ? null : boundsOf(node, keys, held, context)
      for await (const batch of input!) {
        context.checkCancelled()
        if (bounds === null) sorter.add(batch)
        else addWithin(batch, bounds, keys, scratch, (part, rows) => sorter.add(part, rows))
      }
      scratch.free()
      yield* sorter.sorted()
    } finally {
      scratch.free()
      held.free()
      sorter.free()
    }
  },
}

function boundsOf(node: SortExec, keys: SortKeys, held: Region, context: TaskContext): KeyBounds {
  const { input, rangeCount } = node
  assert(input.kind === 'ShuffleReadExec', 'a sort by ranges reads what an earlier stage left')
  return keyRange(context.shuffleBlocks(input.stageId), keys, rangeCount!, held, context)
}
