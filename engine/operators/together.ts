import type { RecordBatch } from '../batch/index.ts'
import type { TogetherExec } from '../plan/index.ts'
import type { Operator } from './operator.ts'

/** The same partition of each input, one input after the other. */
export const together: Operator<TogetherExec> = {
  async *execute(_node, inputs): AsyncIterable<RecordBatch> {
    for (const input of inputs) yield* input
  },
}
