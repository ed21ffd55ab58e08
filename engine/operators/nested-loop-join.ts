import { BATCH_ROWS, type RecordBatch } from '../batch/index.ts'
import type { Region } from '../memory/index.ts'
import { type JoinRoles, joinRoles, type NestedLoopJoinExec } from '../plan/index.ts'
import { emptyBatch } from './collect.ts'
import { filterPairs, pairCondition } from './join-condition.ts'
import { filteredRows, keptRowsAtEnd, pairBatch, rowsWhere } from './join-output.ts'
import { KeptSide } from './kept-side.ts'
import type { Operator, TaskContext } from './operator.ts'

/**
 * Every left row with every right row, the right side kept: in memory or, if that does not hold it, in a file
 * that is read once for each left batch. Order as in hashJoin.
 */
export const nestedLoopJoin: Operator<NestedLoopJoinExec> = {
  async *execute(node, [left, right], context): AsyncIterable<RecordBatch> {
    const held = context.createRegion()
    const scratch = context.createRegion()
    const out = context.createRegion()
    const kept = new KeptSide(node.id, node.right.schema, context)
    try {
      await kept.collect(right!, held)
      const roles = joinRoles(node.joinType, 'right')
      const keptMatched = held.uint8(kept.rowCount).fill(0)
      for await (const batch of left!) {
        if (batch.rowCount === 0) continue
        scratch.reset()
        const matched = scratch.uint8(batch.rowCount).fill(0)
        for (const [part, partMatched] of withMarks(kept, keptMatched)) {
          const sides = { batch, kept: part, matched, keptMatched: partMatched }
          yield* pairs(node, sides, roles, out, context)
        }
        if (roles.filter !== null) yield filteredRows(batch, matched, roles.filter, scratch)
        else if (roles.streamOuter) {
          const alone = rowsWhere(matched, 0, batch.rowCount, scratch)
          const none = scratch.int32(alone.length).fill(-1)
          const empty = emptyBatch(node.right.schema, scratch)
          if (alone.length > 0) yield pairBatch(batch, alone, empty, none, alone.length, roles, scratch)
        }
      }
      if (roles.keptOuter)
        for (const [part, partMatched] of withMarks(kept, keptMatched))
          yield* keptRowsAtEnd(part, partMatched, roles, node.left.schema, out)
    } finally {
      kept.free()
      out.free()
      scratch.free()
      held.free()
    }
  },
}

/** The kept rows, with the marks of those that found a match. */
function* withMarks(kept: KeptSide, matched: Uint8Array): Iterable<[RecordBatch, Uint8Array]> {
  let from = 0
  for (const part of kept.batches()) {
    yield [part, matched.subarray(from, from + part.rowCount)]
    from += part.rowCount
  }
}

/** Two batches, and which of their rows found a match. */
interface Sides {
  readonly batch: RecordBatch
  readonly kept: RecordBatch
  readonly matched: Uint8Array
  readonly keptMatched: Uint8Array
}

/** The pairs of two batches that meet the condition. Marks both sides. */
function* pairs(
  node: NestedLoopJoinExec,
  sides: Sides,
  roles: JoinRoles,
  out: Region,
  context: TaskContext,
): Iterable<RecordBatch> {
  const { batch, kept } = sides
  for (let from = 0; from < batch.rowCount * kept.rowCount; from += BATCH_ROWS) {
    context.checkCancelled()
    out.reset()
    const { leftRows, rightRows, count } = pairsFrom(node, sides, from, out, context)
    if (roles.givesPairs && count > 0) yield pairBatch(batch, leftRows, kept, rightRows, count, roles, out)
  }
}

/**
 * Those of the pairs [from, from + 64 k) in row-major order that meet the condition; both sides are marked.
 */
function pairsFrom(
  node: NestedLoopJoinExec,
  { batch, kept, matched, keptMatched }: Sides,
  from: number,
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
