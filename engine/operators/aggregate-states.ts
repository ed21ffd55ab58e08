import { flatten, type RecordBatch, takeBatch, type Vector } from '../batch/index.ts'
import type { AddedRows, CodedGroups, EvalContext, Probes } from '../evaluate/index.ts'
import type { AggregateCall, Expr } from '../expr/index.ts'
import type { Region } from '../memory/index.ts'
import type { HashAggregateExec } from '../plan/index.ts'
import { FlatAggregates } from './flat-aggregates.ts'
import { FlatLayout, type FlatResult } from './flat-layout.ts'
import { GroupedAggregate } from './grouped-aggregate.ts'
import type { TaskContext } from './operator.ts'

/** A call: words of the flat states, or an accumulator whose partial states begin at a column. */
type Member =
  | { readonly kind: 'flat'; readonly result: FlatResult }
  | { readonly kind: 'grouped'; readonly aggregate: GroupedAggregate; readonly firstState: number }

/**
 * The aggregates of one operator over all its groups. In mode `final` rows are partial states, which begin at
 * column `firstState` of the batches; in mode `partial` the columns it gives are states.
 */
export class AggregateStates {
  readonly #mode: HashAggregateExec['mode']
  readonly #members: readonly Member[]
  readonly #grouped: readonly (Member & { kind: 'grouped' })[]
  readonly #flat: FlatAggregates | null

  /** States live in `region`. `asked`: what `addWhole` asks of rows. */
  constructor(
    calls: readonly AggregateCall[],
    mode: HashAggregateExec['mode'],
    firstState: number,
    region: Region,
    context: TaskContext,
    asked: Expr | Probes | null = null,
  ) {
    this.#mode = mode
    const layout = new FlatLayout()
    let column = firstState
    this.#members = calls.map((call): Member => {
      const result = layout.place(call, mode, column)
      if (result !== null) {
        column += result.signature.state.length
        return { kind: 'flat', result }
      }
      const aggregate = new GroupedAggregate(call, region, context)
      const member: Member = { kind: 'grouped', aggregate, firstState: column }
      column += aggregate.stateWidth
      return member
    })
    this.#grouped = this.#members.filter((member) => member.kind === 'grouped')
    this.#flat = layout.states.length > 0 ? new FlatAggregates(layout, asked, region) : null
  }

  /** What they may take beside what they hold, in parts of that. */
  get growth(): number {
    return this.#grouped.reduce((most, { aggregate }) => Math.max(most, aggregate.growth), 0)
  }

  /** Bytes that they hold beside those in their region. */
  get heldBytes(): number {
    return this.#grouped.reduce((sum, { aggregate }) => sum + aggregate.heldBytes, 0)
  }

  /** Moves values of DISTINCT aggregates to disk where they are many; see GroupedAggregate. */
  spillValues(nodeId: number, leastBytes: number): boolean {
    let isSpilled = false
    for (const { aggregate } of this.#grouped)
      isSpilled = aggregate.spillValues(nodeId, leastBytes) || isSpilled
    return isSpilled
  }

  /** Gives all back that does not lie in their region. */
  free(): void {
    for (const { aggregate } of this.#grouped) aggregate.free()
  }

  /** Whether it can forget its groups. */
  get canClear(): boolean {
    return this.#grouped.length === 0
  }

  /** Forgets all groups, where it can. */
  clear(): void {
    this.#flat?.clear()
  }

  /** Makes room for groups; call it before rows of new groups come, and at the end. */
  resize(groupCount: number): void {
    this.#flat?.resize(groupCount)
    for (const { aggregate } of this.#grouped) aggregate.resize(groupCount)
  }

  /**
   * Adds the rows of a batch that are asked for, in one go where all calls can. Gives how many rows it went
   * through; those behind are to be added with `add`.
   */
  addWhole(batch: RecordBatch, groups: CodedGroups | null, context: EvalContext): number {
    return this.#grouped.length > 0 || this.#flat === null ? 0 : this.#flat.addWhole(batch, groups, context)
  }

  /** Adds rows of a batch to their groups. */
  add(batch: RecordBatch, rows: AddedRows, context: EvalContext): void {
    this.#flat?.add(batch, rows, context)
    if (this.#grouped.length === 0 || rows.count === 0) return
    const { region } = context
    const { selection, count } = rows
    const taken = selection === null ? batch : takeBatch(batch, selection, count, region)
    const groups = rows.groups ?? region.int32(count).fill(0)
    for (const { aggregate, firstState } of this.#grouped) {
      if (this.#mode !== 'final') {
        aggregate.update(taken, groups, context)
        continue
      }
      const state = taken.columns.slice(firstState, firstState + aggregate.stateWidth)
      const flat = state.map((vector) => flatten(vector, region))
      aggregate.merge(flat, groups, count, region)
    }
  }

  /** Ends the input; call it once, before results are asked for. */
  finishInput(scratch: Region): void {
    if (this.#mode !== 'partial') for (const { aggregate } of this.#grouped) aggregate.finishInput(scratch)
  }

  /** The columns of groups [from, from + count): results, or in mode `partial` states. */
  columns(from: number, count: number, region: Region): readonly Vector[] {
    return this.#columns(this.#mode === 'partial', from, count, region)
  }

  /** The partial states of groups [from, from + count), in any mode. */
  states(from: number, count: number, region: Region): readonly Vector[] {
    return this.#columns(true, from, count, region)
  }

  #columns(isPartial: boolean, from: number, count: number, region: Region): readonly Vector[] {
    return this.#members.flatMap((member) => {
      if (member.kind === 'flat') return this.#flat!.columns(member.result, isPartial, from, count, region)
      const { aggregate } = member
      return isPartial ? aggregate.state(from, count, region) : [aggregate.finish(from, count, region)]
    })
  }
}
