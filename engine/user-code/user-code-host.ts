import type { RecordBatch } from '../batch/index.ts'
import { EngineError } from '../errors.ts'

/** A function of the user's program, in a worker thread. */
export type UserFunction = (...args: readonly unknown[]) => unknown

/** The functions that were shipped to this thread. */
export class UserCodeHost {
  readonly program: string | null
  readonly #functions = new Map<string, UserFunction>()

  constructor(program: string | null) {
    this.program = program
  }

  /** Takes a function's source text and the values it captured, by name. */
  add(functionId: string, source: string, captured: unknown): void {
    const values = (captured ?? {}) as Readonly<Record<string, unknown>>
    const make = new Function(...Object.keys(values), `"use strict"; return (${source})`)
    this.#functions.set(functionId, make(...Object.values(values)) as UserFunction)
  }

  /** A shipped function. */
  functionOf(functionId: string): UserFunction {
    const found = this.#functions.get(functionId)
    if (found === undefined)
      throw new EngineError('INTERNAL_ERROR', `user function ${functionId} was not shipped to this thread`)
    return found
  }

  run(_program: unknown, _input: AsyncIterable<RecordBatch> | null): AsyncIterable<RecordBatch> {
    throw new EngineError('UNSUPPORTED_FEATURE', 'RDD programs in this build')
  }
}
