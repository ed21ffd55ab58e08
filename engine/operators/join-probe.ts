import { BATCH_ROWS, type RecordBatch, type Vector } from '../batch/index.ts'
import { chainedPairs, flagFound, markChains, markRows, uniquePairs } from '../kernels/index.ts'
import type { Region } from '../memory/index.ts'
import { type HashJoinExec, type JoinRoles, joinRoles } from '../plan/index.ts'
import { filterPairs, keyEquality, type PairCondition, pairCondition } from './join-condition.ts'
import { JoinFinder } from './join-finder.ts'
import { filteredRows, nullFlags, pairBatch, rowsWhere } from './join-output.ts'
import type { JoinTable } from './join-table.ts'
import type { TaskContext } from './operator.ts'

/** One task's probing of a join table. */
export class JoinProbe {
  readonly #roles: JoinRoles
  readonly #isNotIn: boolean
  readonly #table: JoinTable
  readonly #context: TaskContext
  /** What a pair on a chain must still meet: equality of keys if chains have several; the condition. */
  readonly #condition: PairCondition | null
  /** Whether any pair on a chain does for a row to have a match. */
  readonly #anyPairDoes: boolean
  readonly #finder: JoinFinder

  constructor(node: HashJoinExec, table: JoinTable, context: TaskContext) {
    this.#roles = joinRoles(node.joinType, node.build)
    this.#isNotIn = node.joinType === 'nullAwareAnti'
    this.#table = table
    this.#context = context
    this.#finder = new JoinFinder(node, table, context)
    const equality = table.isExact ? null : keyEquality(node)
    this.#condition = pairCondition(equality, node.condition)
    this.#anyPairDoes = node.condition === null
  }

  /** The rows that a batch of the streamed side gives now. */
  *stream(batch: RecordBatch, keys: readonly Vector[], scratch: Region): Iterable<RecordBatch> {
    const { rowCount } = batch
    const { filter, streamIsLeft, givesPairs } = this.#roles
    if (this.#isNotIn && this.#table.hasNullKey) return
    const found = this.#finder.find(batch, keys, scratch)
    if (givesPairs) {
      yield* this.#pairs(batch, found, scratch)
      return
    }
    const matched = scratch.uint8(rowCount)
    this.#mark(batch, found, matched, scratch)
    if (!streamIsLeft) return
    // With any row on the right, a NULL key on the left is never known to be absent.
    if (this.#isNotIn && this.#table.build.rowCount > 0) addFlags(matched, nullFlags(keys[0]!, rowCount))
    yield filteredRows(batch, matched, filter!, scratch)
  }

  *#pairs(batch: RecordBatch, found: Int32Array, scratch: Region): Iterable<RecordBatch> {
    const { build } = this.#table
    const { streamOuter } = this.#roles
    const matched = streamOuter ? scratch.uint8(batch.rowCount).fill(0) : null
    const out = this.#context.createRegion()
    try {
      for (const { streamRows, buildRows, count } of this.#pairChunks(batch, found, matched, out))
        if (count > 0) yield pairBatch(batch, streamRows, build, buildRows, count, this.#roles, out)
      if (matched === null) return
      const alone = rowsWhere(matched, 0, batch.rowCount, scratch)
      if (alone.length === 0) return
      const none = scratch.int32(alone.length).fill(-1)
      yield pairBatch(batch, alone, build, none, alone.length, this.#roles, scratch)
    } finally {
      out.free()
    }
  }

  /** Pairs that meet the condition, chunk by chunk; rows of both sides are marked. */
  *#pairChunks(
    batch: RecordBatch,
    found: Int32Array,
    matched: Uint8Array | null,
    out: Region,
  ): Iterable<{ readonly streamRows: Int32Array; readonly buildRows: Int32Array; readonly count: number }> {
    const { pool } = this.#context
    const { next, marks } = this.#table
    const { rowCount } = batch
    const capacity = next === null ? rowCount : BATCH_ROWS
    const position = new Int32Array(2)
    position[1] = -1
    do {
      this.#context.checkCancelled()
      out.reset()
      const [streamRows, buildRows, cursor] = [out.int32(capacity), out.int32(capacity), out.int32(2)]
      cursor.set(position)
      let count =
        next === null
          ? uniquePairs(pool, found, rowCount, streamRows, buildRows)
          : chainedPairs(pool, found, rowCount, next, cursor, streamRows, buildRows)
      position.set(cursor)
      count = this.#keepPairs(batch, streamRows, buildRows, count, out)
      if (matched !== null) markRows(pool, streamRows, count, matched)
      if (marks !== null) markRows(pool, buildRows, count, marks.matched)
      yield { streamRows, buildRows, count }
    } while (next !== null && position[0]! < rowCount)
  }

  #keepPairs(
    batch: RecordBatch,
    streamRows: Int32Array,
    buildRows: Int32Array,
    count: number,
    region: Region,
  ): number {
    if (this.#condition === null) return count
    const stream = { batch, rows: streamRows }
    const build = { batch: this.#table.build, rows: buildRows }
    const [left, right] = this.#roles.streamIsLeft ? [stream, build] : [build, stream]
    return filterPairs(this.#condition, left, right, count, region, this.#context)
  }

  /** Marks rows of both sides that have a match; `matched` is of the streamed side. */
  #mark(batch: RecordBatch, found: Int32Array, matched: Uint8Array, scratch: Region): void {
    const { next, marks } = this.#table
    const { pool } = this.#context
    if (this.#condition === null) {
      flagFound(pool, found, batch.rowCount, matched)
      if (marks === null) return
      if (next !== null) {
        markChains(pool, found, batch.rowCount, next, marks.matched)
        return
      }
      const [streamRows, buildRows] = [scratch.int32(batch.rowCount), scratch.int32(batch.rowCount)]
      const count = uniquePairs(pool, found, batch.rowCount, streamRows, buildRows)
      markRows(pool, buildRows, count, marks.matched)
      return
    }
    matched.fill(0)
    const out = this.#context.createRegion()
    try {
      if (marks === null && this.#anyPairDoes) this.#markFirst(batch, found, matched, out)
      else {
        const chunks = this.#pairChunks(batch, found, matched, out)[Symbol.iterator]()
        while (chunks.next().done !== true);
      }
    } finally {
      out.free()
    }
  }

  /**
   * Marks streamed rows by the first pair on their chain that does, step by step along the chains: only keys
   * that differ and have one hash take a second step.
   */
  #markFirst(batch: RecordBatch, found: Int32Array, matched: Uint8Array, out: Region): void {
    const { pool } = this.#context
    const { next } = this.#table
    for (;;) {
      this.#context.checkCancelled()
      out.reset()
      const [streamRows, buildRows] = [out.int32(batch.rowCount), out.int32(batch.rowCount)]
      const all = uniquePairs(pool, found, batch.rowCount, streamRows, buildRows)
      if (all === 0) return
      const count = this.#keepPairs(batch, streamRows, buildRows, all, out)
      markRows(pool, streamRows, count, matched)
      if (count === all || next === null) return
      for (let row = 0; row < batch.rowCount; row++) {
        const at = found[row]!
        found[row] = at < 0 || matched[row] === 1 ? -1 : next[at]! - 1
      }
    }
  }
}

function addFlags(flags: Uint8Array, more: Uint8Array): void {
  for (let i = 0; i < more.length; i++) flags[i]! |= more[i]!
}
