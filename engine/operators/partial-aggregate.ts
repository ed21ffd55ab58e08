import { type RecordBatch, take } from '../batch/index.ts'
import { evaluateRows } from '../evaluate/index.ts'
import type { Expr } from '../expr/index.ts'
import type { Region } from '../memory/index.ts'
import type { HashAggregateExec } from '../plan/index.ts'
import { AggregateGroups, selectRows } from './aggregate-groups.ts'
import { AggregateStates } from './aggregate-states.ts'
import type { TaskContext } from './operator.ts'
import { PartialPace } from './partial-pace.ts'
import { rowRuns } from './row-runs.ts'

/** A partial aggregate sends what it has when it holds so many groups. */
const MAX_PARTIAL_GROUPS = 1 << 20

/**
 * Partial states of groups, of which the final aggregate merges those of equal keys: groups go on whenever
 * memory is wanted. Where keys do not come again from batch to batch, a table of them is in vain: then
 * neighbours with equal keys are one group, and go on with their batch.
 */
export async function* partialAggregate(
  node: HashAggregateExec,
  predicate: Expr | null,
  input: AsyncIterable<RecordBatch>,
  context: TaskContext,
): AsyncIterable<RecordBatch> {
  const scratch = context.createRegion()
  const pace = new PartialPace()
  let groups = new AggregateGroups(node, predicate, context)
  let runs: RunGroups | null = null
  let rowOffset = 0
  let isEmpty = true
  try {
    for await (const batch of input) {
      context.checkCancelled()
      if (batch.rowCount === 0) continue
      scratch.reset()
      const offset = rowOffset
      rowOffset += batch.rowCount
      if (pace.isPassing && groups.canPass) {
        runs ??= new RunGroups(node, predicate, context)
        const results = runs.results(batch, pace, scratch, offset)
        if (results !== null) {
          if (results.rowCount > 0) yield results
          continue
        }
      }
      const before = groups.size
      const count = groups.add(batch, scratch, offset)
      if (count > 0) isEmpty = false
      pace.saw(count, groups.size - before, groups.size)
      if (groups.size < MAX_PARTIAL_GROUPS && !groups.isLarge && !pace.isPassing) continue
      yield* groups.results(scratch)
      groups.free()
      groups = new AggregateGroups(node, predicate, context)
      isEmpty = true
    }
    // Without rows it sends nothing: the final aggregate makes the row of an empty total.
    if (!isEmpty) yield* groups.results(scratch)
  } finally {
    scratch.free()
    groups.free()
    runs?.free()
  }
}

/** Groups of neighbours with equal keys, of one batch at a time. */
class RunGroups {
  readonly #node: HashAggregateExec
  readonly #predicate: Expr | null
  readonly #context: TaskContext
  readonly #region: Region
  readonly #states: AggregateStates

  constructor(node: HashAggregateExec, predicate: Expr | null, context: TaskContext) {
    this.#node = node
    this.#predicate = predicate
    this.#context = context
    this.#region = context.createRegion()
    this.#states = new AggregateStates(node.calls, 'partial', node.keys.length, this.#region, context)
  }

  /** Keys and states of a batch, in `scratch`; null if there are too many. */
  results(batch: RecordBatch, pace: PartialPace, scratch: Region, rowOffset: number): RecordBatch | null {
    const context = this.#context.evalContext(scratch, rowOffset)
    const { selection, count } = selectRows(this.#predicate, 0, batch, context)
    if (count === 0) return { rowCount: 0, columns: [] }
    const keys = this.#node.keys.map((key) => evaluateRows(key, batch, selection, count, context))
    const runs = rowRuns(keys, count, scratch)
    if (runs === null || !pace.areFew(runs.count, count)) return null
    const states = this.#states
    states.clear()
    states.resize(runs.count)
    states.add(batch, { selection, count, groups: runs.numbers }, context)
    const columns = keys.map((key) =>
      runs.count === count ? key : take(key, runs.starts, runs.count, scratch),
    )
    return { rowCount: runs.count, columns: [...columns, ...states.columns(0, runs.count, scratch)] }
  }

  free(): void {
    this.#region.free()
  }
}
