import { flatten, type RecordBatch, takeBatch, type Vector } from '../batch/index.ts'
import type { EvalContext } from '../evaluate/index.ts'
import type { AggregateCall } from '../expr/index.ts'
import type { Region } from '../memory/index.ts'
import type { HashAggregateExec } from '../plan/index.ts'
import { GroupedAggregate } from './grouped-aggregate.ts'
import type { TaskContext } from './operator.ts'

/** What a batch brings: which rows (null: all), how many, and the group of each (null: all are in 0). */
export interface GroupedRows {
  readonly selection: Int32Array | null
  readonly count: number
  readonly groups: Int32Array | null
}

/**
 * The aggregates of one operator over all its groups. In mode `final` rows are partial states, which begin at
 * column `firstState` of the batches; in mode `partial` the columns it gives are states.
 */
export class AggregateStates {
  readonly #mode: HashAggregateExec['mode']
  readonly #firstState: number
  readonly #aggregates: readonly GroupedAggregate[]

  /** States live in `region`. */
  constructor(
    calls: readonly AggregateCall[],
    mode: HashAggregateExec['mode'],
    firstState: number,
    region: Region,
    context: TaskContext,
  ) {
    this.#mode = mode
    this.#firstState = firstState
    this.#aggregates = calls.map((call) => new GroupedAggregate(call, region, context))
  }

  /** Makes room for groups; call it before rows of new groups come, and at the end. */
  resize(groupCount: number): void {
    for (const aggregate of this.#aggregates) aggregate.resize(groupCount)
  }

  /** Adds rows of a batch to their groups. */
  add(batch: RecordBatch, rows: GroupedRows, context: EvalContext): void {
    const { region } = context
    const { selection, count } = rows
    const taken = selection === null ? batch : takeBatch(batch, selection, count, region)
    const groups = rows.groups ?? region.int32(count).fill(0)
    let column = this.#firstState
    for (const aggregate of this.#aggregates) {
      if (this.#mode !== 'final') {
        aggregate.update(taken, groups, context)
        continue
      }
      const state = taken.columns.slice(column, column + aggregate.stateWidth)
      column += aggregate.stateWidth
      const flat = state.map((vector) => flatten(vector, region))
      aggregate.merge(flat, groups, count)
    }
  }

  /** Ends the input; call it once, before results are asked for. */
  finishInput(scratch: Region): void {
    if (this.#mode !== 'partial') for (const aggregate of this.#aggregates) aggregate.finishInput(scratch)
  }

  /** The columns of groups [from, from + count): results, or in mode `partial` states. */
  columns(from: number, count: number, region: Region): readonly Vector[] {
    return this.#aggregates.flatMap((aggregate) =>
      this.#mode === 'partial'
        ? aggregate.state(from, count, region)
        : [aggregate.finish(from, count, region)],
    )
  }
}
