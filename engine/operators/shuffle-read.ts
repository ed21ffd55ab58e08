import type { RecordBatch } from '../batch/index.ts'
import { assert } from '../errors.ts'
import type { ExchangeExec, ShuffleReadExec } from '../plan/index.ts'
import { mergeBlocks } from './merge-small.ts'
import type { Operator } from './operator.ts'

/** What an earlier stage left for this partition. */
export const shuffleRead: Operator<ShuffleReadExec> = {
  async *execute(node, _inputs, context): AsyncIterable<RecordBatch> {
    for (const batch of mergeBlocks(context.shuffleBlocks(node.stageId), node.schema, context)) {
      context.checkCancelled()
      yield batch
    }
  },
}

/** An exchange is the border of two stages: the stage splitter replaces it before anything runs. */
export const exchange: Operator<ExchangeExec> = {
  execute(node): AsyncIterable<RecordBatch> {
    assert(false, `exchange ${node.id} was not cut into stages`)
  },
}
