import type { RecordBatch } from '../batch/index.ts'
import { evaluate } from '../evaluate/index.ts'
import { type HashJoinExec, joinRoles } from '../plan/index.ts'
import { keptRowsAtEnd } from './join-output.ts'
import { JoinProbe } from './join-probe.ts'
import { endProbing, type JoinTable } from './join-table.ts'
import type { Operator, TaskContext } from './operator.ts'
import { joinInputs, joinPartedBuild } from './parted-join.ts'

/**
 * Streams one side past a table of the other: one that all tasks share, or one of its own over a collected
 * input. Pairs come in the order of the streamed rows; streamed rows without a match follow at the end of
 * their batch, build rows without one at the very end. A build side that memory does not hold is joined by
 * partitions, see parted-join.ts.
 */
export const hashJoin: Operator<HashJoinExec> = {
  execute(node, [left, right], context): AsyncIterable<RecordBatch> {
    const [buildInput, streamInput] = node.build === 'left' ? [left!, right!] : [right!, left!]
    const side = node[node.build]
    if (side.kind !== 'TableReadExec')
      return joinInputs(node, buildInput, streamInput, 0, probeTable, context)
    const build = context.joinTable(side.stageId)
    return build.kind === 'parted'
      ? joinPartedBuild(node, build, streamInput, probeTable, context)
      : probeTable(node, build, streamInput, context.partition, context)
  },
}

/** Joins a streamed side with a table. The last partition to end gives the build rows; null: none does. */
async function* probeTable(
  node: HashJoinExec,
  table: JoinTable,
  streamInput: AsyncIterable<RecordBatch> | Iterable<RecordBatch>,
  partition: number | null,
  context: TaskContext,
): AsyncIterable<RecordBatch> {
  if (isFruitless(node, table)) return
  const scratch = context.createRegion()
  try {
    const probe = new JoinProbe(node, table, context)
    const exprs = node.build === 'left' ? node.rightKeys : node.leftKeys
    for await (const batch of streamInput) {
      context.checkCancelled()
      if (batch.rowCount === 0) continue
      scratch.reset()
      const evalContext = context.evalContext(scratch)
      const keys = exprs.map((expr) => evaluate(expr, batch, evalContext))
      yield* probe.stream(batch, keys, scratch)
    }
    if (table.marks === null || partition === null || !endProbing(table.marks, partition)) return
    const streamSchema = node[node.build === 'left' ? 'right' : 'left'].schema
    const roles = joinRoles(node.joinType, node.build)
    yield* keptRowsAtEnd(table.build, table.marks.matched, roles, streamSchema, scratch)
  } finally {
    scratch.free()
  }
}

/** Whether no row can come out of it, so that the streamed side need not be read. */
function isFruitless(node: HashJoinExec, table: JoinTable): boolean {
  const { filter, streamOuter } = joinRoles(node.joinType, node.build)
  if (table.form.kind !== 'none' || table.marks !== null || streamOuter) return false
  return filter === null || filter === 'semi'
}
