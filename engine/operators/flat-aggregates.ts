import type { RecordBatch, Vector } from '../batch/index.ts'
import {
  type AddedRows,
  AggregateLoop,
  addToStates,
  addWholeBatch,
  type CodedGroups,
  type EvalContext,
  type PlacedState,
  type Probes,
  type StateTarget,
} from '../evaluate/index.ts'
import type { Expr } from '../expr/index.ts'
import { flatStateKernels } from '../kernels/index.ts'
import { GrowingBuffer, type Region } from '../memory/index.ts'
import type { FlatLayout, FlatResult } from './flat-layout.ts'
import { flatColumns } from './flat-results.ts'

/**
 * Counts, sums, means and extremes over all groups of an operator: a few words a group, side by side in the
 * arena, to which one compiled loop adds.
 *
 * ```
 * group 0 | rows | sum of price: low, high | nulls of price | …
 * group 1 | …
 * ```
 */
export class FlatAggregates {
  readonly #region: Region
  readonly #loop: AggregateLoop
  readonly #stride: number
  /** Offset and words of each exact sum. */
  readonly #sums: Int32Array
  /** The words of a group without rows. */
  readonly #empty: number
  readonly #words: GrowingBuffer
  #groupCount = 0

  /** States live in `region`. `asked`: what `addWhole` asks of rows. */
  constructor(layout: FlatLayout, asked: Expr | Probes | null, region: Region) {
    this.#region = region
    this.#loop = new AggregateLoop(layout.states, layout.wordsPerGroup, asked)
    this.#stride = layout.wordsPerGroup * 8
    this.#empty = emptyGroup(layout, region)
    this.#words = new GrowingBuffer(region)
    const sums = layout.states.filter(({ kind }) => kind === 'sum')
    this.#sums = region.int32(2 * sums.length)
    this.#sums.set(sums.flatMap(({ word, words }) => [word * 8, words]))
  }

  /** Forgets all groups. */
  clear(): void {
    this.#groupCount = 0
  }

  /** Makes room for groups; new ones are empty. */
  resize(groupCount: number): void {
    if (groupCount <= this.#groupCount) return
    const held = this.#groupCount * this.#stride
    const address = this.#words.reserve(groupCount * this.#stride, held)
    const kernels = flatStateKernels(this.#region.pool)
    kernels.flatInit(address, this.#stride, this.#empty, this.#groupCount, groupCount)
    this.#groupCount = groupCount
  }

  /** Adds rows to their groups. */
  add(batch: RecordBatch, rows: AddedRows, context: EvalContext): void {
    addToStates(this.#loop, batch, rows, this.#target(), context)
  }

  /** Adds the rows of a batch that are asked for; gives how many rows it went through. */
  addWhole(batch: RecordBatch, groups: CodedGroups | null, context: EvalContext): number {
    return addWholeBatch(this.#loop, batch, groups, () => this.#target(), context)
  }

  #target(): StateTarget {
    return { address: this.#words.address, groupCount: this.#groupCount, sums: this.#sums }
  }

  /** The columns of a call for groups [from, from + count). */
  columns(
    result: FlatResult,
    isPartial: boolean,
    from: number,
    count: number,
    region: Region,
  ): readonly Vector[] {
    const groups = { address: this.#words.address + from * this.#stride, stride: this.#stride, count }
    return flatColumns(result, isPartial, groups, region)
  }
}

/** Extremes begin with what every value replaces, all else with 0. */
function emptyGroup({ states, wordsPerGroup }: FlatLayout, region: Region): number {
  const words = region.int64(wordsPerGroup).fill(0n)
  const doubles = new Float64Array(words.buffer, words.byteOffset, wordsPerGroup)
  for (const state of states) {
    if (state.kind !== 'least' && state.kind !== 'greatest') continue
    const isLeast = state.kind === 'least'
    if (isFloat(state)) doubles[state.word] = isLeast ? Number.NaN : Number.NEGATIVE_INFINITY
    else words[state.word] = isLeast ? (1n << 63n) - 1n : -(1n << 63n)
  }
  return words.byteOffset
}

function isFloat({ arg }: PlacedState): boolean {
  return arg !== null && (arg.type.kind === 'float32' || arg.type.kind === 'float64')
}
