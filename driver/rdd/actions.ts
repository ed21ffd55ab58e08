import { EngineError } from '../../engine/errors.ts'
import { compareKeys, identityOf, packValue, pairOrder, unpackValue } from '../../engine/user-code/index.ts'
import { shipFunction } from './closure.ts'
import {
  type AnyEnvironment,
  environment,
  type NoEnvironment,
  RddBase,
  stepNode,
  type With,
} from './rdd-base.ts'
import type { RddNode } from './rdd-node.ts'
import type { ActionOptions } from './rdd-runner.ts'
import { saveParts } from './save-parts.ts'
import { type Stats, statsOf } from './stats.ts'

/** Options of an action that calls a function. */
export type ActionWith<E> = ActionOptions & With<E>

/** What runs an RDD and gives values to the program. */
export abstract class RddActions<T> extends RddBase<T> {
  /** All values, partition after partition. */
  async collect(options: ActionOptions = {}): Promise<T[]> {
    const all: T[] = []
    for await (const values of this.chunks(options)) for (const value of values) all.push(value)
    return all
  }

  /** All values, a bounded number at a time. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
    for await (const values of this.chunks({})) yield* values
  }

  async count(options: ActionOptions = {}): Promise<number> {
    const counts = await this.#run<number>(stepNode(this.node, { kind: 'count' }), options)
    return counts.reduce((sum, count) => sum + count, 0)
  }

  /** The first values in the order of partitions; the job ends as soon as they are there. */
  async take(count: number, options: ActionOptions = {}): Promise<T[]> {
    const first: T[] = []
    if (count <= 0) return first
    const node = stepNode(this.node, { kind: 'take', count })
    for await (const values of this.runner.chunks(node, options)) {
      for (const value of values) if (first.length < count) first.push(value as T)
      if (first.length >= count) break
    }
    return first
  }

  /** The first value; INVALID_ARGUMENT if there is none. */
  async first(options: ActionOptions = {}): Promise<T> {
    const values = await this.take(1, options)
    if (values.length === 0) throw emptyError('first')
    return values[0]!
  }

  async isEmpty(options: ActionOptions = {}): Promise<boolean> {
    return (await this.take(1, options)).length === 0
  }

  /** The smallest values, in order; by the key that `key` gives, if given. */
  async takeOrdered<E extends AnyEnvironment = NoEnvironment>(
    count: number,
    key?: (value: T, env: E) => unknown,
    options?: ActionWith<E>,
  ): Promise<T[]> {
    return await this.#ordered(count, key, options, false, 'takeOrdered')
  }

  /** The largest values, largest first; by the key that `key` gives, if given. */
  async top<E extends AnyEnvironment = NoEnvironment>(
    count: number,
    key?: (value: T, env: E) => unknown,
    options?: ActionWith<E>,
  ): Promise<T[]> {
    return await this.#ordered(count, key, options, true, 'top')
  }

  /**
   * All values made one by a function that is associative and commutative; INVALID_ARGUMENT if there are
   * none.
   */
  async reduce<E extends AnyEnvironment = NoEnvironment>(
    fn: (a: T, b: T, env: E) => T,
    options?: ActionWith<E>,
  ): Promise<T> {
    const shipped = shipFunction(fn, 'reduce', environment(options))
    const parts = await this.#run<T>(stepNode(this.node, { kind: 'reduce', fn: shipped }), options)
    if (parts.length === 0) throw emptyError('reduce')
    return parts.reduce((a, b) => fn(a, b, given(options)))
  }

  /** Like `reduce`, from `zero` on in each partition and over their results. */
  async fold<E extends AnyEnvironment = NoEnvironment>(
    zero: T,
    fn: (a: T, b: T, env: E) => T,
    options?: ActionWith<E>,
  ): Promise<T> {
    const shipped = shipFunction(fn, 'fold', environment(options))
    const parts = await this.#run<T>(
      stepNode(this.node, { kind: 'aggregate', zero: packValue(zero), fn: shipped }),
      options,
    )
    return parts.reduce((a, b) => fn(a, b, given(options)), copyOf(zero))
  }

  /** Values into one accumulator a partition, in the threads; then those into one, here. */
  async aggregate<U, E extends AnyEnvironment = NoEnvironment>(
    zero: U,
    add: (accumulator: U, value: T, env: E) => U,
    merge: (a: U, b: U, env: E) => U,
    options?: ActionWith<E>,
  ): Promise<U> {
    const fn = shipFunction(add, 'aggregate', environment(options))
    const parts = await this.#run<U>(
      stepNode(this.node, { kind: 'aggregate', zero: packValue(zero), fn }),
      options,
    )
    return parts.reduce((a, b) => merge(a, b, given(options)), copyOf(zero))
  }

  /** Calls a function for each value, in the threads. */
  async foreach<E extends AnyEnvironment = NoEnvironment>(
    fn: (value: T, env: E) => void,
    options?: ActionWith<E>,
  ): Promise<void> {
    const shipped = shipFunction(fn, 'foreach', environment(options))
    await this.#run(stepNode(this.node, { kind: 'foreach', fn: shipped }), options)
  }

  /** How often each value comes. */
  async countByValue(options: ActionOptions = {}): Promise<Map<T, number>> {
    return await this.countPairs(stepNode(this.node, { kind: 'pairWith', what: 'one' }), options)
  }

  async sum(this: RddActions<number>, options: ActionOptions = {}): Promise<number> {
    return (await this.stats(options)).sum
  }

  /** The mean of numbers; NaN if there are none. */
  async mean(this: RddActions<number>, options: ActionOptions = {}): Promise<number> {
    return (await this.stats(options)).mean
  }

  /** Count, sum, mean, variance, standard deviation, minimum and maximum of numbers in one pass. */
  async stats(this: RddActions<number>, options: ActionOptions = {}): Promise<Stats> {
    const node = stepNode(this.node, { kind: 'stats' })
    const parts: Parameters<typeof statsOf>[0] = []
    for await (const values of this.runner.chunks(node, options)) parts.push(...(values as typeof parts))
    return statsOf(parts)
  }

  /** The largest value in the order of keys; INVALID_ARGUMENT if there is none. */
  async max(options: ActionOptions = {}): Promise<T> {
    const [value] = await this.#ordered(1, undefined, options, true, 'max')
    return value === undefined ? Promise.reject(emptyError('max')) : value
  }

  /** The smallest value in the order of keys; INVALID_ARGUMENT if there is none. */
  async min(options: ActionOptions = {}): Promise<T> {
    const [value] = await this.#ordered(1, undefined, options, false, 'min')
    return value === undefined ? Promise.reject(emptyError('min')) : value
  }

  /** How many partitions there are. */
  async getNumPartitions(): Promise<number> {
    return await this.runner.partitionCount(this.node)
  }

  /**
   * Writes one line a value, `part-00000` for each partition, and `_SUCCESS` when all are there; readers see
   * none of it before.
   * Arrays and plain objects are written as JSON. PATH_ALREADY_EXISTS if the folder is there.
   */
  async saveAsTextFile(path: string, options: ActionOptions = {}): Promise<void> {
    await saveParts(path, (folder) => this.#run(stepNode(this.node, { kind: 'saveText', folder }), options))
  }

  /** The values written into a new folder, a file a partition; gives what reads them from there. */
  protected async saved(path: string, options: ActionOptions): Promise<RddNode> {
    const partitions = await saveParts(path, (folder) =>
      this.#run(stepNode(this.node, { kind: 'saveChunks', folder }), options),
    )
    return { kind: 'source', source: { kind: 'saved', partitions } }
  }

  /** The chunks of values as they come. */
  chunks(options: ActionOptions): AsyncGenerator<T[], void, void> {
    // The type parameter is what the program says of the values.
    return this.runner.chunks(this.node, options) as AsyncGenerator<T[], void, void>
  }

  /** The sums of pairs by key. */
  protected async countPairs<K>(node: RddNode, options: ActionOptions): Promise<Map<K, number>> {
    const combined = stepNode(node, {
      kind: 'combine',
      start: { kind: 'value' },
      merge: 'add',
      isPartial: true,
    })
    const counts = new Map<unknown, [K, number]>()
    for (const [key, count] of await this.#run<[K, number]>(combined, options)) {
      const known = counts.get(identityOf(key))
      if (known === undefined) counts.set(identityOf(key), [key, count])
      else known[1] += count
    }
    return new Map(counts.values())
  }

  async #ordered<E extends AnyEnvironment>(
    count: number,
    key: ((value: T, env: E) => unknown) | undefined,
    options: ActionWith<E> | undefined,
    descending: boolean,
    method: string,
  ): Promise<T[]> {
    const keyed =
      key === undefined
        ? stepNode(this.node, { kind: 'pairWith', what: 'itself' })
        : stepNode(this.node, { kind: 'keyBy', fn: shipFunction(key, method, environment(options)) })
    const pairs = await this.#run<[unknown, T]>(
      stepNode(keyed, { kind: 'takeOrdered', count, descending }),
      options,
    )
    return pairs
      .sort(pairOrder(descending))
      .slice(0, count)
      .map(([, value]) => value)
  }

  async #run<U>(node: RddNode, options: ActionOptions = {}): Promise<U[]> {
    const all: U[] = []
    for await (const values of this.runner.chunks(node, options))
      for (const value of values) all.push(value as U)
    return all
  }
}

/** Compares values as `sortBy` and `takeOrdered` do. */
export const compareValues: (a: unknown, b: unknown) => number = compareKeys

function given<E>(options: With<E> | undefined): E {
  // Without an environment the compiler gives functions an empty one, which they cannot use.
  return options?.with as E
}

/** A copy, so that a function may change what it is given. */
function copyOf<U>(zero: U): U {
  return unpackValue(packValue(zero)) as U // A copy has the type of what it copies.
}

function emptyError(method: string): EngineError {
  return new EngineError('INVALID_ARGUMENT', `${method} needs at least one value, but the RDD is empty`)
}
