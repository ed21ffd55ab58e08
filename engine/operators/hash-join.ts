import type { RecordBatch } from '../batch/index.ts'
import { evaluate } from '../evaluate/index.ts'
import type { Region } from '../memory/index.ts'
import { type HashJoinExec, joinRoles, needsMarks } from '../plan/index.ts'
import { collectInput } from './collect.ts'
import { tableOf } from './join-build.ts'
import { keptRowsAtEnd } from './join-output.ts'
import { JoinProbe } from './join-probe.ts'
import { endProbing, type JoinTable } from './join-table.ts'
import type { Operator, TaskContext } from './operator.ts'

/**
 * Streams one side past a table of the other: one that all tasks share, or one of its own over a collected
 * input. Pairs come in the order of the streamed rows; streamed rows without a match follow at the end of
 * their batch, build rows without one at the very end.
 */
export const hashJoin: Operator<HashJoinExec> = {
  async *execute(node, [left, right], context): AsyncIterable<RecordBatch> {
    const held = context.createRegion()
    const scratch = context.createRegion()
    try {
      const [buildInput, streamInput] = node.build === 'left' ? [left!, right!] : [right!, left!]
      const table = await tableFor(node, buildInput, held, context)
      if (isFruitless(node, table)) return
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
      const partition = isShared(node) ? context.partition : 0
      if (table.marks === null || !endProbing(table.marks, partition)) return
      const streamSchema = node[node.build === 'left' ? 'right' : 'left'].schema
      const roles = joinRoles(node.joinType, node.build)
      yield* keptRowsAtEnd(table.build, table.marks.matched, roles, streamSchema, scratch)
    } finally {
      scratch.free()
      held.free()
    }
  },
}

function isShared(node: HashJoinExec): boolean {
  return node[node.build].kind === 'TableReadExec'
}

async function tableFor(
  node: HashJoinExec,
  input: AsyncIterable<RecordBatch>,
  region: Region,
  context: TaskContext,
): Promise<JoinTable> {
  const side = node[node.build]
  if (side.kind === 'TableReadExec') return context.joinTable(side.stageId)
  const build = await collectInput(input, side.schema, region, context)
  context.count(node.id, 'buildRows', build.rowCount)
  const keys = node.build === 'left' ? node.leftKeys : node.rightKeys
  const markingTasks = needsMarks(node.joinType, node.build) ? 1 : 0
  const needs = { keysOnly: false, markingTasks, filtered: [] }
  return tableOf(build, { keys, nullSafe: node.nullSafe }, needs, region, context)
}

/** Whether no row can come out of it, so that the streamed side need not be read. */
function isFruitless(node: HashJoinExec, table: JoinTable): boolean {
  const { filter, streamOuter } = joinRoles(node.joinType, node.build)
  if (table.form.kind !== 'none' || table.marks !== null || streamOuter) return false
  return filter === null || filter === 'semi'
}
