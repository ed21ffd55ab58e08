import { BATCH_ROWS, type RecordBatch } from '../batch/index.ts'
import type { Region } from '../memory/index.ts'
import { joinRoles, type NestedLoopJoinExec } from '../plan/index.ts'
import { collectInput } from './column-collector.ts'
import { filterPairs, pairCondition } from './join-condition.ts'
import { filteredRows, keptRowsAtEnd, pairBatch, rowsWhere } from './join-output.ts'
import type { Operator, TaskContext } from './operator.ts'

/** Every left row with every right row, the right side kept. Order as in hashJoin. */
export const nestedLoopJoin: Operator<NestedLoopJoinExec> = {
  async *execute(node, [left, right], context): AsyncIterable<RecordBatch> {
    const held = context.createRegion()
    const scratch = context.createRegion()
    const out = context.createRegion()
    try {
      const kept = await collectInput(right!, node.right.schema, held, context)
      const roles = joinRoles(node.joinType, 'right')
      const keptMatched = held.uint8(kept.rowCount).fill(0)
      for await (const batch of left!) {
        if (batch.rowCount === 0) continue
        scratch.reset()
        const matched = scratch.uint8(batch.rowCount).fill(0)
        for (let from = 0; from < batch.rowCount * kept.rowCount; from += BATCH_ROWS) {
          context.checkCancelled()
          out.reset()
          const { leftRows, rightRows, count } = pairsFrom(
            node,
            batch,
            kept,
            from,
            matched,
            keptMatched,
            out,
            context,
          )
          if (roles.givesPairs && count > 0)
            yield pairBatch(batch, leftRows, kept, rightRows, count, roles, out)
        }
        if (roles.filter !== null) yield filteredRows(batch, matched, roles.filter, scratch)
        else if (roles.streamOuter) {
          const alone = rowsWhere(matched, 0, batch.rowCount, scratch)
          const none = scratch.int32(alone.length).fill(-1)
          if (alone.length > 0) yield pairBatch(batch, alone, kept, none, alone.length, roles, scratch)
        }
      }
      if (roles.keptOuter) yield* keptRowsAtEnd(kept, keptMatched, roles, node.left.schema, out)
    } finally {
      out.free()
      scratch.free()
      held.free()
    }
  },
}

/**
 * Those of the pairs [from, from + 64 k) in row-major order that meet the condition; both sides are marked.
 */
function pairsFrom(
  node: NestedLoopJoinExec,
  batch: RecordBatch,
  kept: RecordBatch,
  from: number,
  matched: Uint8Array,
  keptMatched: Uint8Array,
  out: Region,
  context: TaskContext,
): { readonly leftRows: Int32Array; readonly rightRows: Int32Array; readonly count: number } {
  const size = Math.min(BATCH_ROWS, batch.rowCount * kept.rowCount - from)
  const [leftRows, rightRows] = [out.int32(size), out.int32(size)]
  let leftRow = Math.floor(from / kept.rowCount)
  let rightRow = from % kept.rowCount
  for (let i = 0; i < size; i++) {
    leftRows[i] = leftRow
    rightRows[i] = rightRow
    if (++rightRow < kept.rowCount) continue
    rightRow = 0
    leftRow++
  }
  const condition = pairCondition(node.condition)
  const left = { batch, rows: leftRows }
  const right = { batch: kept, rows: rightRows }
  const count = condition === null ? size : filterPairs(condition, left, right, size, out, context)
  for (let i = 0; i < count; i++) {
    matched[leftRows[i]!] = 1
    keptMatched[rightRows[i]!] = 1
  }
  return { leftRows, rightRows, count }
}
