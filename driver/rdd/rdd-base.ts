import type { Step } from '../../engine/user-code/index.ts'
import { type AnyFunction, type Environment, shipFunction } from './closure.ts'
import type { RDD } from './rdd.ts'
import type { RddNode } from './rdd-node.ts'
import type { RddRunner } from './rdd-runner.ts'

/** Values that a function gets as its last argument, and may also use by name. */
export interface With<E> {
  readonly with?: E
}

/** What a function gets if nothing is given. */
export type NoEnvironment = Record<never, never>

/** The environment of a function: any record of values. */
export type AnyEnvironment = object

/** What all parts of an RDD share: how it comes about, and where it runs. */
export abstract class RddBase<T> {
  /** Only for the compiler. */
  declare readonly valueType: T
  readonly node: RddNode
  readonly runner: RddRunner

  constructor(node: RddNode, runner: RddRunner) {
    this.node = node
    this.runner = runner
  }

  /** An RDD of the same session. */
  protected abstract derive<U>(node: RddNode): RDD<U>

  protected step<U>(step: Step): RDD<U> {
    return this.derive(stepNode(this.node, step))
  }

  /** A step that calls a function of the program. */
  protected call<U>(
    kind: FunctionStep,
    fn: AnyFunction,
    given: With<object> | undefined,
    method: string = kind,
  ): RDD<U> {
    return this.step({ kind, fn: shipFunction(fn, method, environment(given)) })
  }
}

type FunctionStep = Extract<Step, { readonly fn: unknown }>['kind'] & Exclude<Step['kind'], 'aggregate'>

/** A step over a node. */
export function stepNode(input: RddNode, step: Step): RddNode {
  return { kind: 'step', input, step }
}

/** The values given with `{ with }`. */
export function environment(given: With<object> | undefined): Environment | undefined {
  return given?.with as Environment | undefined
}
