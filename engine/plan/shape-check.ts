import { EngineError } from '../errors.ts'

type Look = (value: unknown, walk: Walk) => void

/**
 * Looks at a value of an unknown sender and throws PROTOCOL_ERROR, with the path, unless it is a T. `proves`
 * is never there: it keeps checks of different types apart for the compiler.
 */
export type Check<T> = Look & { readonly proves?: (value: T) => T }

/**
 * A check for each member; one that may be absent must accept undefined. A member left out does not compile.
 */
export type Checks<T> = {
  readonly [K in keyof T]-?: object extends Pick<T, K>
    ? Check<Exclude<T[K], undefined> | undefined>
    : Check<T[K]>
}

/** The variant of a union that has this kind. */
type Variant<T, Kind> = T extends { readonly kind: infer Own } ? (Kind extends Own ? T : never) : never

/** Checks of all variants by kind. A kind that is left out does not compile. */
export type ChecksByKind<T extends { readonly kind: string }> = {
  readonly [Kind in T['kind']]: Checks<Omit<Variant<T, Kind>, 'kind'>>
}

/** Levels of plan nodes and expressions within each other. */
const MAX_DEPTH = 1000
/** Plan nodes and expressions in all. */
const MAX_NODES = 1_000_000

/** Where a check is, and what it has seen. */
export class Walk {
  /** Columns that an expression may name; null: not known. */
  columnCount: number | null = null
  /** The objects around the value, the innermost last. */
  readonly around: Readonly<Record<string, unknown>>[] = []
  readonly #what: string
  readonly #path: (string | number)[] = []
  #depth = 0
  #nodes = 0

  /** `what` is the word for the whole value in errors. */
  constructor(what: string) {
    this.#what = what
  }

  fail(reason: string): never {
    const path = this.#path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`)).join('')
    const place = path === '' ? '' : `${path.replace(/^\./, '')}: `
    throw new EngineError('PROTOCOL_ERROR', `malformed ${this.#what}: ${place}${reason}`)
  }

  /** Checks a member of the value that is looked at. */
  member(key: string | number, value: unknown, check: Look): void {
    this.#path.push(key)
    check(value, this)
    this.#path.pop()
  }

  /** A plan node or an expression; they bound how large and deep a plan may be. */
  node(check: () => void): void {
    if (++this.#nodes > MAX_NODES) this.fail(`more than ${MAX_NODES} nodes`)
    if (++this.#depth > MAX_DEPTH) this.fail(`nested deeper than ${MAX_DEPTH} levels`)
    check()
    this.#depth--
  }
}

/** The value, if it is a T. `what` is the word for it in errors. */
export function checked<T>(value: unknown, check: Check<T>, what: string): T {
  check(value, new Walk(what))
  return value as T // What the check proves.
}

export const text: Check<string> = (value, walk) => {
  if (typeof value !== 'string') walk.fail(`${nameOf(value)} where a text belongs`)
}

export const bool: Check<boolean> = (value, walk) => {
  if (typeof value !== 'boolean') walk.fail(`${nameOf(value)} where true or false belongs`)
}

export const double: Check<number> = (value, walk) => {
  if (typeof value !== 'number') walk.fail(`${nameOf(value)} where a number belongs`)
}

export const int64: Check<bigint> = (value, walk) => {
  if (typeof value !== 'bigint') walk.fail(`${nameOf(value)} where a bigint belongs`)
  else if (BigInt.asIntN(64, value) !== value) walk.fail('an integer of more than 64 bits')
}

/** Anything at all: whoever uses it checks it. */
export const opaque: Check<unknown> = () => {}

/** An integer from `min` to `max`, both included. */
export function integer(min = 0, max: number = Number.MAX_SAFE_INTEGER): Check<number> {
  return (value, walk) => {
    if (typeof value !== 'number' || !Number.isSafeInteger(value))
      walk.fail(`${nameOf(value)} where an integer belongs`)
    else if (value < min || value > max) walk.fail(`${value} is not from ${min} to ${max}`)
  }
}

export function oneOf<const T extends string>(...words: readonly T[]): Check<T> {
  return (value, walk) => {
    if (!words.some((word) => word === value)) walk.fail(`${nameOf(value)} is none of ${words.join(', ')}`)
  }
}

export function nullable<T>(check: Check<T>): Check<T | null> {
  return (value, walk) => {
    if (value !== null) check(value, walk)
  }
}

export function optional<T>(check: Check<T>): Check<T | undefined> {
  return (value, walk) => {
    if (value !== undefined) check(value, walk)
  }
}

export function list<T>(check: Check<T>): Check<readonly T[]> {
  return (value, walk) => {
    if (!Array.isArray(value)) return walk.fail(`${nameOf(value)} where a list belongs`)
    for (let index = 0; index < value.length; index++) walk.member(index, value[index], check)
  }
}

/** An object with texts as members. */
export const texts: Check<Readonly<Record<string, string>>> = (value, walk) => {
  if (!isObject(value)) return walk.fail(`${nameOf(value)} where an object belongs`)
  for (const [key, each] of Object.entries(value)) walk.member(key, each, text)
}

/** An object with these members; others are not looked at. */
export function record<T extends object>(checks: Checks<T>): Check<T> {
  const members = membersOf(checks)
  return (value, walk) => {
    if (!isObject(value)) return walk.fail(`${nameOf(value)} where an object belongs`)
    checkMembers(value, members, walk)
  }
}

/** One of several kinds of objects, told apart by `kind`. */
export function variants<T extends { readonly kind: string }>(table: ChecksByKind<T>): Check<T> {
  const byKind = new Map<unknown, Members>()
  for (const [kind, checks] of Object.entries(table)) byKind.set(kind, membersOf(checks as object))
  return (value, walk) => {
    if (!isObject(value)) return walk.fail(`${nameOf(value)} where an object belongs`)
    const members = byKind.get(value['kind'])
    if (members === undefined) return walk.fail(`unknown kind ${nameOf(value['kind'])}`)
    checkMembers(value, members, walk)
  }
}

type Members = readonly (readonly [key: string, check: Look])[]

function membersOf(checks: object): Members {
  return Object.entries(checks) as [string, Look][] // Whose types `Checks` has compared.
}

function checkMembers(value: Record<string, unknown>, members: Members, walk: Walk): void {
  walk.around.push(value)
  for (let i = 0; i < members.length; i++) {
    const [key, check] = members[i]!
    walk.member(key, value[key], check)
  }
  walk.around.pop()
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A value for an error: short, and no secret of ours is in a plan. */
export function nameOf(value: unknown): string {
  if (typeof value === 'string') return value.length > 40 ? `"${value.slice(0, 40)}…"` : `"${value}"`
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (value === undefined) return 'nothing'
  return Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
