import { type CogroupResult, identityOf, packValue, type Step } from '../../engine/user-code/index.ts'
import { RddActions } from './actions.ts'
import { shipFunction } from './closure.ts'
import type { RDD } from './rdd.ts'
import { type AnyEnvironment, environment, type NoEnvironment, stepNode, type With } from './rdd-base.ts'
import type { RddNode } from './rdd-node.ts'
import type { ActionOptions } from './rdd-runner.ts'
import { hashExchange, sortedNode } from './shuffle-nodes.ts'

type CombineStep = Extract<Step, { readonly kind: 'combine' }>

/** An RDD of pairs. */
export interface PairRdd<K, V> {
  readonly valueType: readonly [K, V]
  readonly node: RddNode
}

/** Options of what moves values between partitions. */
export interface ShuffleOptions {
  /** Partitions of the result; as many as threads by default, at least as many as needed. */
  readonly partitions?: number
}

/**
 * What RDDs of pairs [key, value] have besides. Equal keys meet in one partition; which keys are equal is
 * said in docs/rdd.md.
 */
export abstract class RddPairs<T> extends RddActions<T> {
  keys<K, V>(this: PairRdd<K, V>): RDD<K> {
    return self(this).step({ kind: 'keys' })
  }

  values<K, V>(this: PairRdd<K, V>): RDD<V> {
    return self(this).step({ kind: 'values' })
  }

  mapValues<K, V, U, E extends AnyEnvironment = NoEnvironment>(
    this: PairRdd<K, V>,
    fn: (value: V, env: E) => U,
    options?: With<E>,
  ): RDD<[K, U]> {
    return self(this).call('mapValues', fn, options)
  }

  flatMapValues<K, V, U, E extends AnyEnvironment = NoEnvironment>(
    this: PairRdd<K, V>,
    fn: (value: V, env: E) => Iterable<U>,
    options?: With<E>,
  ): RDD<[K, U]> {
    return self(this).call('flatMapValues', fn, options)
  }

  /** The values of each key made one; first within each partition, before anything moves. */
  reduceByKey<K, V, E extends AnyEnvironment = NoEnvironment>(
    this: PairRdd<K, V>,
    fn: (a: V, b: V, env: E) => V,
    options?: With<E> & ShuffleOptions,
  ): RDD<[K, V]> {
    const merge = shipFunction(fn, 'reduceByKey', environment(options))
    const step: CombineStep = { kind: 'combine', start: { kind: 'value' }, merge }
    return self(this).combined(step, step, options)
  }

  /** Like `reduceByKey`, from `zero` on. */
  foldByKey<K, V, E extends AnyEnvironment = NoEnvironment>(
    this: PairRdd<K, V>,
    zero: V,
    fn: (a: V, b: V, env: E) => V,
    options?: With<E> & ShuffleOptions,
  ): RDD<[K, V]> {
    const merge = shipFunction(fn, 'foldByKey', environment(options))
    const before: CombineStep = {
      kind: 'combine',
      start: { kind: 'zero', zero: packValue(zero), fn: merge },
      merge,
    }
    return self(this).combined(before, { kind: 'combine', start: { kind: 'value' }, merge }, options)
  }

  /**
   * The values of each key into an accumulator that starts as `zero`, and accumulators of one key into one.
   */
  aggregateByKey<K, V, U, E extends AnyEnvironment = NoEnvironment>(
    this: PairRdd<K, V>,
    zero: U,
    add: (accumulator: U, value: V, env: E) => U,
    merge: (a: U, b: U, env: E) => U,
    options?: With<E> & ShuffleOptions,
  ): RDD<[K, U]> {
    const into = shipFunction(add, 'aggregateByKey', environment(options))
    const both = shipFunction(merge, 'aggregateByKey', environment(options))
    const before: CombineStep = {
      kind: 'combine',
      start: { kind: 'zero', zero: packValue(zero), fn: into },
      merge: into,
    }
    return self(this).combined(before, { kind: 'combine', start: { kind: 'value' }, merge: both }, options)
  }

  /**
   * The general form: the first value of a key makes an accumulator, others go into it, accumulators are
   * merged.
   */
  combineByKey<K, V, U, E extends AnyEnvironment = NoEnvironment>(
    this: PairRdd<K, V>,
    create: (value: V, env: E) => U,
    add: (accumulator: U, value: V, env: E) => U,
    merge: (a: U, b: U, env: E) => U,
    options?: With<E> & ShuffleOptions,
  ): RDD<[K, U]> {
    const env = environment(options)
    const [first, into, both] = [create, add, merge].map((fn) => shipFunction(fn, 'combineByKey', env))
    const before: CombineStep = { kind: 'combine', start: { kind: 'function', fn: first! }, merge: into! }
    return self(this).combined(before, { kind: 'combine', start: { kind: 'value' }, merge: both! }, options)
  }

  /** All values of each key; prefer `reduceByKey` where it will do, since all values move. */
  groupByKey<K, V>(this: PairRdd<K, V>, options?: ShuffleOptions): RDD<[K, V[]]> {
    const rdd = self(this)
    return rdd.derive(stepNode(hashExchange([rdd.node], true, rdd.width(options)), { kind: 'group' }))
  }

  /** Pairs of values whose keys are equal. */
  join<K, V, W>(this: PairRdd<K, V>, other: PairRdd<K, W>, options?: ShuffleOptions): RDD<[K, [V, W]]> {
    return self(this).joined(other, 'inner', options)
  }

  /** Like `join`; null where the other side has no such key. */
  leftOuterJoin<K, V, W>(
    this: PairRdd<K, V>,
    other: PairRdd<K, W>,
    options?: ShuffleOptions,
  ): RDD<[K, [V, W | null]]> {
    return self(this).joined(other, 'left', options)
  }

  /** Like `join`; null where this side has no such key. */
  rightOuterJoin<K, V, W>(
    this: PairRdd<K, V>,
    other: PairRdd<K, W>,
    options?: ShuffleOptions,
  ): RDD<[K, [V | null, W]]> {
    return self(this).joined(other, 'right', options)
  }

  /** Like `join`; null where either side has no such key. */
  fullOuterJoin<K, V, W>(
    this: PairRdd<K, V>,
    other: PairRdd<K, W>,
    options?: ShuffleOptions,
  ): RDD<[K, [V | null, W | null]]> {
    return self(this).joined(other, 'full', options)
  }

  /** For each key the values of both sides. */
  cogroup<K, V, W>(
    this: PairRdd<K, V>,
    other: PairRdd<K, W>,
    options?: ShuffleOptions,
  ): RDD<[K, [V[], W[]]]> {
    return self(this).joined(other, 'groups', options)
  }

  /** Pairs whose key the other side does not have. */
  subtractByKey<K, V, W>(this: PairRdd<K, V>, other: PairRdd<K, W>, options?: ShuffleOptions): RDD<[K, V]> {
    return self(this).joined(other, 'subtract', options)
  }

  /** All pairs in the order of keys, over all partitions. */
  sortByKey<K, V>(
    this: PairRdd<K, V>,
    options: ShuffleOptions & { readonly descending?: boolean } = {},
  ): RDD<[K, V]> {
    const rdd = self(this)
    return rdd.derive(sortedNode(rdd.node, options.descending ?? false, rdd.width(options)))
  }

  /** How many pairs each key has. */
  async countByKey<K, V>(this: PairRdd<K, V>, options: ActionOptions = {}): Promise<Map<K, number>> {
    const rdd = self(this)
    const keys = stepNode(rdd.node, { kind: 'keys' })
    return await rdd.countPairs(stepNode(keys, { kind: 'pairWith', what: 'one' }), options)
  }

  /** The values of a key. */
  async lookup<K, V>(this: PairRdd<K, V>, key: K, options: ActionOptions = {}): Promise<V[]> {
    const wanted = identityOf(key)
    const found: V[] = []
    for await (const pairs of self(this).chunks(options) as AsyncIterable<readonly (readonly [K, V])[]>)
      for (const [each, value] of pairs) if (identityOf(each) === wanted) found.push(value)
    return found
  }

  /** The pairs as a Map; of equal keys the last one stays. */
  async collectAsMap<K, V>(this: PairRdd<K, V>, options: ActionOptions = {}): Promise<Map<K, V>> {
    return new Map((await self(this).collect(options)) as [K, V][])
  }

  /** 0: as many as there are slots when an action runs. */
  protected width(options: ShuffleOptions | undefined): number {
    return options?.partitions ?? 0
  }

  protected combined<U>(
    before: CombineStep,
    after: CombineStep,
    options: ShuffleOptions | undefined,
  ): RDD<U> {
    const partial = stepNode(this.node, { ...before, isPartial: true })
    const exchange = hashExchange([partial], true, this.width(options))
    return this.derive(stepNode(exchange, after))
  }

  protected joined<U>(
    other: { readonly node: RddNode },
    result: CogroupResult,
    options: ShuffleOptions | undefined,
  ): RDD<U> {
    const exchange = hashExchange([this.node, other.node], true, this.width(options))
    return this.derive(stepNode(exchange, { kind: 'cogroup', sides: 2, result }))
  }
}

/** The RDD itself, whose protected methods a typed `this` does not show. */
function self(rdd: PairRdd<unknown, unknown>): Opened {
  return rdd as unknown as Opened
}

/** What pair methods use of an RDD. */
interface Opened {
  readonly node: RddNode
  chunks(options: ActionOptions): AsyncIterable<unknown[]>
  collect(options: ActionOptions): Promise<unknown[]>
  derive<U>(node: RddNode): RDD<U>
  step<U>(step: Step): RDD<U>
  call<U>(
    kind: 'mapValues' | 'flatMapValues',
    fn: (...args: never[]) => unknown,
    given: With<object> | undefined,
  ): RDD<U>
  countPairs<K>(node: RddNode, options: ActionOptions): Promise<Map<K, number>>
  width(options: ShuffleOptions | undefined): number
  combined<U>(before: CombineStep, after: CombineStep, options: ShuffleOptions | undefined): RDD<U>
  joined<U>(
    other: { readonly node: RddNode },
    result: CogroupResult,
    options: ShuffleOptions | undefined,
  ): RDD<U>
}
