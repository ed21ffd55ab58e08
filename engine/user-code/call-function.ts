import type { LoadedFunction } from './shipped-function.ts'
import { userError } from './user-error.ts'

/** The function with its environment as the last argument. */
export function callerOf({ call, env }: LoadedFunction): (...args: readonly unknown[]) => unknown {
  if (env === undefined) return call
  return (...args) => call(...args, env)
}

/** Errors of the user's function get their place in the program. */
export function guarded<A, R>(fn: LoadedFunction, run: (arg: A) => R): (arg: A) => R {
  return (arg) => {
    try {
      return run(arg)
    } catch (error) {
      throw userError(error, fn)
    }
  }
}

/** What an `fn` of flatMap or mapPartitions gave; TypeError if one cannot go through it. */
export function iterableOf(value: unknown): Iterable<unknown> {
  if (typeof value === 'object' && value !== null && Symbol.iterator in value)
    return value as Iterable<unknown>
  if (typeof value === 'string') return value
  throw new TypeError(`this function must give an array or another iterable, not ${describe(value)}`)
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  return value instanceof Promise
    ? 'a promise: functions run synchronously'
    : `a value of type ${typeof value}`
}

/** Whether a filter keeps a value. */
export function isTrue(value: unknown): boolean {
  if (typeof value === 'boolean') return value
  if (value instanceof Promise)
    throw new TypeError('functions run synchronously, but this one gave a promise')
  return Boolean(value)
}
