import type { DataFrame, DynamicRow, StorageLevel, TableSchema } from '../../sql/dataframe/index.ts'
import { shipFunction } from './closure.ts'
import { RddPairs, type ShuffleOptions } from './pair-rdd.ts'
import { PartitionCache } from './partition-cache.ts'
import { type AnyEnvironment, environment, type NoEnvironment, stepNode, type With } from './rdd-base.ts'
import type { RddNode } from './rdd-node.ts'
import type { ActionOptions } from './rdd-runner.ts'
import { cartesianNode, coalescedNode, hashExchange, indexedNode, sortedNode } from './shuffle-nodes.ts'
import { toDataFrame } from './to-data-frame.ts'

/**
 * Values in partitions, computed by functions of the program in worker threads. Lazy: nothing runs before an
 * action. Functions get what they need with `{ with: { … } }`, as last argument, and run synchronously.
 */
export class RDD<T> extends RddPairs<T> {
  map<U, E extends AnyEnvironment = NoEnvironment>(fn: (value: T, env: E) => U, options?: With<E>): RDD<U> {
    return this.call('map', fn, options)
  }

  filter<E extends AnyEnvironment = NoEnvironment>(
    fn: (value: T, env: E) => boolean,
    options?: With<E>,
  ): RDD<T> {
    return this.call('filter', fn, options)
  }

  flatMap<U, E extends AnyEnvironment = NoEnvironment>(
    fn: (value: T, env: E) => Iterable<U>,
    options?: With<E>,
  ): RDD<U> {
    return this.call('flatMap', fn, options)
  }

  /** A function over all values of a partition, which stand in memory together. */
  mapPartitions<U, E extends AnyEnvironment = NoEnvironment>(
    fn: (values: IterableIterator<T>, partition: number, env: E) => Iterable<U>,
    options?: With<E>,
  ): RDD<U> {
    return this.call('mapPartitions', fn, options)
  }

  /** Like `mapPartitions`, with the number of the partition first. */
  mapPartitionsWithIndex<U, E extends AnyEnvironment = NoEnvironment>(
    fn: (partition: number, values: IterableIterator<T>, env: E) => Iterable<U>,
    options?: With<E>,
  ): RDD<U> {
    const fnSource = shipFunction(fn, 'mapPartitionsWithIndex', environment(options))
    const source = `((__fn) => (values, partition, env) => __fn(partition, values, env))(${fnSource.source})`
    return this.step({ kind: 'mapPartitions', fn: { ...fnSource, source } })
  }

  /** Pairs [fn(value), value]. */
  keyBy<K, E extends AnyEnvironment = NoEnvironment>(
    fn: (value: T, env: E) => K,
    options?: With<E>,
  ): RDD<[K, T]> {
    return this.call('keyBy', fn, options)
  }

  /** For each key that `fn` gives, all its values. */
  groupBy<K, E extends AnyEnvironment = NoEnvironment>(
    fn: (value: T, env: E) => K,
    options?: With<E> & ShuffleOptions,
  ): RDD<[K, T[]]> {
    const keyed = stepNode(this.node, {
      kind: 'keyBy',
      fn: shipFunction(fn, 'groupBy', environment(options)),
    })
    return this.derive(stepNode(hashExchange([keyed], true, this.width(options)), { kind: 'group' }))
  }

  /** All values in the order of what `fn` gives, over all partitions. */
  sortBy<K, E extends AnyEnvironment = NoEnvironment>(
    fn: (value: T, env: E) => K,
    options: With<E> & ShuffleOptions & { readonly descending?: boolean } = {},
  ): RDD<T> {
    const keyed = stepNode(this.node, { kind: 'keyBy', fn: shipFunction(fn, 'sortBy', environment(options)) })
    const sorted = sortedNode(keyed, options.descending ?? false, this.width(options))
    return this.derive(stepNode(sorted, { kind: 'values' }))
  }

  /** Each value once. */
  distinct(options?: ShuffleOptions): RDD<T> {
    const pairs = stepNode(this.node, { kind: 'pairWith', what: 'null' })
    const once = { kind: 'combine', start: { kind: 'value' }, merge: 'first' } as const
    const exchange = hashExchange([stepNode(pairs, { ...once, isPartial: true })], true, this.width(options))
    return this.derive(stepNode(stepNode(exchange, once), { kind: 'keys' }))
  }

  /** The partitions of this, then those of the others. */
  union(...others: readonly RDD<T>[]): RDD<T> {
    return this.derive({ kind: 'union', inputs: [this.node, ...others.map(({ node }) => node)] })
  }

  /** Values that both have, each once. */
  intersection(other: RDD<T>, options?: ShuffleOptions): RDD<T> {
    return this.#byValue(other, 'intersection', options)
  }

  /** Values that the other does not have. */
  subtract(other: RDD<T>, options?: ShuffleOptions): RDD<T> {
    const pairs = this.#byValue<[T, null]>(other, 'subtract', options)
    return this.derive(stepNode(pairs.node, { kind: 'keys' }))
  }

  /** Every value with every value of the other. */
  cartesian<U>(other: RDD<U>): RDD<[T, U]> {
    return this.derive(cartesianNode(this.node, other.node))
  }

  /** Pairs [value, number], numbered in order from 0. An action first counts the partitions. */
  zipWithIndex(): RDD<[T, number]> {
    return this.derive(indexedNode(this.node))
  }

  /** About `fraction` of the values, chosen by chance; the same for the same seed. */
  sample(
    fraction: number,
    options: { readonly seed?: number; readonly withReplacement?: boolean } = {},
  ): RDD<T> {
    const { seed = Math.floor(Math.random() * 2 ** 31), withReplacement = false } = options
    return this.step({ kind: 'sample', fraction, seed, replacement: withReplacement })
  }

  /** The same values spread evenly over `partitions` partitions. */
  repartition(partitions: number): RDD<T> {
    const output = { kind: 'roundRobin', partitionCount: partitions } as const
    return this.derive({ kind: 'exchange', inputs: [this.node], outputs: [output] })
  }

  /** At most `partitions` partitions, made of neighbours; values keep their order. */
  coalesce(partitions: number): RDD<T> {
    return this.derive(coalescedNode(this.node, partitions))
  }

  /** Each partition as one array. */
  glom(): RDD<T[]> {
    return this.step({ kind: 'glom' })
  }

  /**
   * An RDD that keeps its values from the first action on, in memory that counts against the session's or, on
   * a cluster, as the level says. Let go of them with `unpersist`.
   */
  persist(level: StorageLevel = 'memory_and_disk'): RDD<T> {
    if (this.node.kind === 'cached') return this
    const { pool, jobs } = this.runner.core
    const cache = new PartitionCache(pool, jobs, level)
    return this.derive({ kind: 'cached', input: this.node, cache })
  }

  /** The same as `persist`. */
  cache(): RDD<T> {
    return this.persist()
  }

  /**
   * The values written into a new folder, and read from there: what comes after does not depend on how they
   * came about. PATH_ALREADY_EXISTS if the folder is there.
   */
  async checkpoint(path: string, options: ActionOptions = {}): Promise<RDD<T>> {
    return this.derive(await this.saved(path, options))
  }

  /** Lets go of what `persist` keeps; a later action computes it again. */
  async unpersist(): Promise<void> {
    if (this.node.kind === 'cached') await this.node.cache.clear()
  }

  /**
   * A table of the values: objects by name, arrays by position, anything else as the only column. Without a
   * schema the types are those of the first 100 values.
   */
  toDF<R extends object = DynamicRow>(schema?: TableSchema<R>): DataFrame<R> {
    return toDataFrame(this.node, this.runner, schema)
  }

  protected override derive<U>(node: RddNode): RDD<U> {
    return new RDD<U>(node, this.runner)
  }

  #byValue<U>(
    other: RDD<T>,
    result: 'intersection' | 'subtract',
    options: ShuffleOptions | undefined,
  ): RDD<U> {
    const sides = [this, other].map(({ node }) => stepNode(node, { kind: 'pairWith', what: 'null' }))
    const exchange = hashExchange(sides, true, this.width(options))
    return this.derive(stepNode(exchange, { kind: 'cogroup', sides: 2, result }))
  }
}
