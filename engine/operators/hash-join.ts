import { BATCH_ROWS, type RecordBatch } from '../batch/index.ts'
import { evaluate } from '../evaluate/index.ts'
import type { Region } from '../memory/index.ts'
import type { HashJoinExec } from '../plan/index.ts'
import { collectInput } from './collect.ts'
import {
  filteredRows,
  filterPairs,
  type JoinRoles,
  joinRoles,
  keptRowsAtEnd,
  nullFlags,
  pairBatch,
  rowsWhere,
} from './join-output.ts'
import { JoinTable, nextPairs } from './join-table.ts'
import type { Operator, TaskContext } from './operator.ts'

/**
 * Collects the build side into a hash table, then streams the other. Pairs come in the order of the
 * streamed rows; streamed rows without a match follow at the end of their batch, build rows without one at
 * the very end.
 */
export const hashJoin: Operator<HashJoinExec> = {
  async *execute(node, [left, right], context): AsyncIterable<RecordBatch> {
    const held = context.createRegion()
    const scratch = context.createRegion()
    try {
      const [buildInput, streamInput] = node.build === 'left' ? [left!, right!] : [right!, left!]
      const build = await collectInput(buildInput, node[node.build].schema, held, context)
      context.count(node.id, 'buildRows', build.rowCount)
      const join = new HashJoin(node, build, held, context)
      for await (const batch of streamInput) {
        context.checkCancelled()
        if (batch.rowCount === 0) continue
        scratch.reset()
        yield* join.stream(batch, scratch)
      }
      yield* join.end(scratch)
    } finally {
      scratch.free()
      held.free()
    }
  },
}

/** One run of a hash join: the build table and what was matched so far. */
class HashJoin {
  readonly #node: HashJoinExec
  readonly #roles: JoinRoles
  readonly #table: JoinTable
  readonly #context: TaskContext
  /** A byte a build row: whether it had a match. Null if nobody asks. */
  readonly #buildMatched: Uint8Array | null
  /** For NOT IN: build rows whose key is NULL. */
  readonly #buildNulls: Uint8Array | null
  #streamedRows = 0
  #streamedNull = false

  constructor(node: HashJoinExec, build: RecordBatch, region: Region, context: TaskContext) {
    this.#node = node
    this.#context = context
    this.#roles = joinRoles(node.joinType, node.build)
    const exprs = node.build === 'left' ? node.leftKeys : node.rightKeys
    const evalContext = context.evalContext(region)
    const keys = exprs.map((expr) => evaluate(expr, build, evalContext))
    const keyTypes = exprs.map(({ type }) => type)
    this.#table = new JoinTable(build, keys, keyTypes, node.nullSafe, region)
    const { keptOuter, filter, streamIsLeft } = this.#roles
    const marks = keptOuter || (filter !== null && !streamIsLeft)
    this.#buildMatched = marks ? region.uint8(build.rowCount).fill(0) : null
    this.#buildNulls = node.joinType === 'nullAwareAnti' ? nullFlags(keys[0]!, build.rowCount) : null
  }

  /** The rows that a batch of the streamed side gives now. */
  *stream(batch: RecordBatch, scratch: Region): Iterable<RecordBatch> {
    const node = this.#node
    const evalContext = this.#context.evalContext(scratch)
    const exprs = node.build === 'left' ? node.rightKeys : node.leftKeys
    const keys = exprs.map((expr) => evaluate(expr, batch, evalContext))
    const numbers = scratch.int32(batch.rowCount)
    this.#table.find(keys, batch.rowCount, numbers)
    this.#streamedRows += batch.rowCount
    const matched = scratch.uint8(batch.rowCount).fill(0)
    if (this.#roles.givesPairs) yield* this.#pairs(batch, numbers, matched, scratch)
    else if (node.condition === null) this.#markKeys(numbers, matched)
    else this.#markPairs(batch, numbers, matched)
    if (node.joinType === 'nullAwareAnti')
      yield* this.#streamNotIn(batch, nullFlags(keys[0]!, batch.rowCount), matched, scratch)
    else if (this.#roles.filter !== null && this.#roles.streamIsLeft)
      yield filteredRows(batch, matched, this.#roles.filter, scratch)
  }

  /** The rows that are known only when all is streamed. */
  *end(scratch: Region): Iterable<RecordBatch> {
    const node = this.#node
    const matched = this.#buildMatched
    if (matched === null) return
    if (node.joinType === 'nullAwareAnti') {
      if (this.#streamedNull) return
      // With any row on the right, a NULL key on the left is never known to be absent.
      if (this.#streamedRows > 0)
        for (let i = 0; i < matched.length; i++) matched[i]! |= this.#buildNulls![i]!
    }
    const streamSchema = node[node.build === 'left' ? 'right' : 'left'].schema
    yield* keptRowsAtEnd(this.#table.build, matched, this.#roles, streamSchema, scratch)
  }

  *#pairs(
    batch: RecordBatch,
    numbers: Int32Array,
    matched: Uint8Array,
    scratch: Region,
  ): Iterable<RecordBatch> {
    const { build } = this.#table
    const out = this.#context.createRegion()
    try {
      for (const { streamRows, buildRows, count } of this.#pairChunks(batch, numbers, matched, out))
        if (count > 0) yield pairBatch(batch, streamRows, build, buildRows, count, this.#roles, out)
      if (!this.#roles.streamOuter) return
      const alone = rowsWhere(matched, 0, batch.rowCount, scratch)
      if (alone.length === 0) return
      const none = scratch.int32(alone.length).fill(-1)
      yield pairBatch(batch, alone, build, none, alone.length, this.#roles, scratch)
    } finally {
      out.free()
    }
  }

  /** Pairs that meet the condition, chunk by chunk; both sides are marked. Arrays are reused. */
  *#pairChunks(
    batch: RecordBatch,
    numbers: Int32Array,
    matched: Uint8Array,
    out: Region,
  ): Iterable<{ readonly streamRows: Int32Array; readonly buildRows: Int32Array; readonly count: number }> {
    const { condition } = this.#node
    const cursor = { row: 0, match: 0 }
    while (cursor.row < batch.rowCount) {
      this.#context.checkCancelled()
      out.reset()
      const [streamRows, buildRows] = [out.int32(BATCH_ROWS), out.int32(BATCH_ROWS)]
      let count = nextPairs(numbers, batch.rowCount, this.#table, cursor, streamRows, buildRows)
      if (condition !== null && count > 0) {
        const pairs = pairBatch(batch, streamRows, this.#table.build, buildRows, count, this.#roles, out)
        count = filterPairs(condition, pairs, streamRows, buildRows, out, this.#context)
      }
      mark(matched, streamRows, count)
      if (this.#buildMatched !== null) mark(this.#buildMatched, buildRows, count)
      yield { streamRows, buildRows, count }
    }
  }

  /** Marks both sides where a pair meets the condition. */
  #markPairs(batch: RecordBatch, numbers: Int32Array, matched: Uint8Array): void {
    const out = this.#context.createRegion()
    try {
      const chunks = this.#pairChunks(batch, numbers, matched, out)[Symbol.iterator]()
      while (chunks.next().done !== true);
    } finally {
      out.free()
    }
  }

  /** Marks both sides where a key is found, without looking at pairs. */
  #markKeys(numbers: Int32Array, matched: Uint8Array): void {
    for (let i = 0; i < matched.length; i++) if (numbers[i]! >= 0) matched[i] = 1
    const build = this.#buildMatched
    if (build === null) return
    const { starts, rows } = this.#table
    for (let i = 0; i < matched.length; i++) {
      const number = numbers[i]!
      if (number < 0 || starts[number] === starts[number + 1] || build[rows[starts[number]!]!] === 1) continue
      for (let at = starts[number]!; at < starts[number + 1]!; at++) build[rows[at]!] = 1
    }
  }

  *#streamNotIn(
    batch: RecordBatch,
    nulls: Uint8Array,
    matched: Uint8Array,
    scratch: Region,
  ): Iterable<RecordBatch> {
    if (!this.#roles.streamIsLeft) {
      this.#streamedNull ||= nulls.includes(1)
      return
    }
    if (this.#buildNulls!.includes(1)) return
    if (this.#table.build.rowCount > 0) for (let i = 0; i < matched.length; i++) matched[i]! |= nulls[i]!
    yield filteredRows(batch, matched, 'anti', scratch)
  }
}

function mark(matched: Uint8Array, rows: Int32Array, count: number): void {
  for (let i = 0; i < count; i++) matched[rows[i]!] = 1
}
