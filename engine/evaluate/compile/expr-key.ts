import type { Expr } from '../../expr/index.ts'

const keys = new WeakMap<object, string>()

/** Text that is equal for expressions that compute the same. */
export function exprKey(expr: Expr): string {
  return planKey(expr)
}

/** The same for any part of a plan, as the key of what is compiled for it. */
export function planKey(part: object): string {
  let key = keys.get(part)
  if (key === undefined) {
    key = JSON.stringify(part, distinct)
    keys.set(part, key)
  }
  return key
}

/** JSON has no BigInts, and writes NaN as null and -0 as 0. */
function distinct(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0)))
    return `#${Object.is(value, -0) ? '-0' : value}`
  return value
}
