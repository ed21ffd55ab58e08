import { type Vector, valueReader, vectorBuilder } from '../../batch/index.ts'
import { heapBytes, type Region } from '../../memory/index.ts'
import type { Value } from '../../types/index.ts'
import type { Accumulator, AccumulatorContext, AggregateSignature } from '../aggregate-function.ts'

/** An aggregate over values, one state object a group: the slow, general way for what is rare or nested. */
export interface ValueAggregate<State> {
  create(): State
  /** Whether states keep every value, and not only one. */
  readonly keepsAll?: boolean
  /**
   * Adds one row; arguments may be null, their array is used again. Gives the state to keep (the same, or
   * another).
   */
  add(state: State, args: readonly Value[]): State
  /** The state as one value per state column. */
  save(state: State): readonly Value[]
  /** Adds a saved state. */
  merge(state: State, saved: readonly Value[]): State
  result(state: State): Value
}

/** An object in an array, about. */
const STATE_BYTES = 64

/** The accumulator of an aggregate over values. */
export function valueAccumulator<State>(
  context: Pick<AccumulatorContext, 'signature' | 'region'>,
  aggregate: ValueAggregate<State>,
): Accumulator {
  return new ValueAccumulator(context, aggregate)
}

class ValueAccumulator<State> implements Accumulator {
  readonly #signature: AggregateSignature
  readonly #aggregate: ValueAggregate<State>
  readonly #region: Region
  readonly #states: State[] = []
  /** Bytes of all values that came, and their number. */
  #valueBytes = 0
  #rowCount = 0

  constructor(
    { signature, region }: Pick<AccumulatorContext, 'signature' | 'region'>,
    aggregate: ValueAggregate<State>,
  ) {
    this.#signature = signature
    this.#aggregate = aggregate
    this.#region = region
  }

  resize(groupCount: number): void {
    while (this.#states.length < groupCount) this.#states.push(this.#aggregate.create())
    this.#count()
  }

  update(args: readonly Vector[], groups: Int32Array, rowCount: number): void {
    const readers = args.map(valueReader)
    const values: Value[] = args.map(() => null)
    const states = this.#states
    for (let row = 0; row < rowCount; row++) {
      for (let index = 0; index < readers.length; index++) values[index] = readers[index]!(row)
      const group = groups[row]!
      states[group] = this.#aggregate.add(states[group]!, values)
      this.#valueBytes += heapBytes(values)
    }
    this.#rowCount += rowCount
    this.#count()
  }

  merge(state: readonly Vector[], groups: Int32Array, rowCount: number): void {
    const readers = state.map(valueReader)
    for (let row = 0; row < rowCount; row++) {
      const group = groups[row]!
      const saved = readers.map((read) => read(row))
      this.#states[group] = this.#aggregate.merge(this.#states[group]!, saved)
      this.#valueBytes += heapBytes(saved)
    }
    this.#rowCount += rowCount
    this.#count()
  }

  /** Counts the states, which lie on the heap, as memory of the operator. */
  #count(): void {
    const { length } = this.#states
    const values = this.#aggregate.keepsAll === true ? this.#rowCount : Math.min(length, this.#rowCount)
    const bytes = (this.#valueBytes / Math.max(1, this.#rowCount)) * values
    this.#region.countHeap(length * STATE_BYTES + bytes)
  }

  state(from: number, count: number, region: Region): readonly Vector[] {
    const builders = this.#signature.state.map((type) => vectorBuilder(type, region, count))
    for (let group = from; group < from + count; group++) {
      const saved = this.#aggregate.save(this.#states[group]!)
      for (const [index, builder] of builders.entries()) builder.append(saved[index] ?? null)
    }
    return builders.map((builder) => builder.finish())
  }

  finish(from: number, count: number, region: Region): Vector {
    const builder = vectorBuilder(this.#signature.returns, region, count)
    for (let group = from; group < from + count; group++)
      builder.append(this.#aggregate.result(this.#states[group]!))
    return builder.finish()
  }
}
