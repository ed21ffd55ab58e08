import type { DecodeLimits } from './plain-reader.ts'
import { PlainReader } from './plain-reader.ts'
import { PlainWriter } from './plain-writer.ts'

export type { DecodeLimits } from './plain-reader.ts'

/**
 * For job graphs and plans: a chain of operators nests deeper than other messages do. Deeper ones are refused
 * when they are encoded.
 */
export const PLAN_LIMITS: DecodeLimits = { maxDepth: 2000 }

/**
 * A value as bytes of its own, for `decodePlain` of the same build: null, undefined, booleans, numbers (with
 * -0 and NaN), bigints, strings, arrays, typed arrays and ArrayBuffers, Map, Set, Date, plain objects and the
 * engine's own values (Decimal, LocalDate, Timestamp …). Keys and short strings that come again are
 * references, and so are the sets of keys of objects, so plans take a fraction of their JSON. A Buffer comes
 * back as Uint8Array, shared memory as memory of its own, holes as undefined.
 *
 * INVALID_ARGUMENT for functions, symbols, objects of other classes, keys that are symbols or named
 * `__proto__`, `constructor` or `prototype`, more than 2000 levels, and what holds itself.
 */
export function encodePlain(value: unknown): Uint8Array {
  return PlainWriter.encode(value)
}

/**
 * The value that `encodePlain` was given. Safe on bytes of anyone: PROTOCOL_ERROR with the byte offset for
 * all that is not in the form, too deep, too long or with keys that may not be. What it allocates is bounded
 * by a small multiple of the bytes. Nothing of the value is a view of `bytes`, unless that is asked for.
 */
export function decodePlain(bytes: Uint8Array, limits: DecodeLimits = {}): unknown {
  return new PlainReader(bytes, limits).decode()
}
