import type { RecordBatch } from '../batch/index.ts'
import type { UnionExec } from '../plan/index.ts'
import type { Operator } from './operator.ts'

/**
 * The partitions of all inputs side by side. The runner hands over only the input that this partition belongs
 * to.
 */
export const union: Operator<UnionExec> = {
  async *execute(_node, inputs): AsyncIterable<RecordBatch> {
    for (const input of inputs) yield* input
  },
}
