import type { FixedArray } from '../../../batch/index.ts'
import { corrupt, type Place } from '../corrupt-file.ts'
import type { RleDecoder } from './rle.ts'

/** Codes that are looked up at a time: they stay in the first cache. */
const CHUNK = 4096

const scratch = new Int32Array(CHUNK)

/**
 * Rows `[to, to + count)` of `out` become the entries that the next codes name; CORRUPT_FILE for a code
 * beyond `size`.
 */
export function gatherCodes(
  codes: RleDecoder,
  dictionary: FixedArray,
  size: number,
  lanes: 1 | 2,
  out: FixedArray,
  to: number,
  count: number,
  place: Place,
): void {
  for (let done = 0; done < count; done += CHUNK) {
    const chunk = Math.min(CHUNK, count - done)
    codes.read(scratch, 0, chunk)
    if (!areBelow(scratch, 0, chunk, size))
      throw corrupt(place, `a code is beyond the ${size} entries of the dictionary`)
    gather(dictionary, scratch, chunk, out, to + done, lanes)
  }
}

/** Whether all codes are 0 to size - 1. */
export function areBelow(codes: Int32Array, from: number, count: number, size: number): boolean {
  let sign = 0
  const last = size - 1
  for (let i = from; i < from + count; i++) {
    const code = codes[i]!
    sign |= code | (last - code)
  }
  return sign >= 0
}

function gather(
  dictionary: FixedArray,
  codes: Int32Array,
  count: number,
  out: FixedArray,
  to: number,
  lanes: 1 | 2,
): void {
  if (out instanceof BigInt64Array) {
    const from = new Int32Array(dictionary.buffer, dictionary.byteOffset, dictionary.length * 2)
    const target = new Int32Array(out.buffer, out.byteOffset, out.length * 2)
    if (lanes === 1) gather64(from, codes, count, target, to)
    else gather128(from, codes, count, target, to)
  } else if (out instanceof Int32Array) gather32(dictionary as Int32Array, codes, count, out, to)
  else if (out instanceof Float64Array) gatherFloat64(dictionary as Float64Array, codes, count, out, to)
  else gatherOther(dictionary as Int16Array, codes, count, out as Int16Array, to)
}

function gather32(from: Int32Array, codes: Int32Array, count: number, out: Int32Array, to: number): void {
  for (let i = 0; i < count; i++) out[to + i] = from[codes[i]!]!
}

function gather64(from: Int32Array, codes: Int32Array, count: number, out: Int32Array, to: number): void {
  for (let i = 0, at = 2 * to; i < count; i++, at += 2) {
    const code = codes[i]! << 1
    out[at] = from[code]!
    out[at + 1] = from[code + 1]!
  }
}

function gather128(from: Int32Array, codes: Int32Array, count: number, out: Int32Array, to: number): void {
  for (let i = 0, at = 4 * to; i < count; i++, at += 4) {
    const code = codes[i]! << 2
    out[at] = from[code]!
    out[at + 1] = from[code + 1]!
    out[at + 2] = from[code + 2]!
    out[at + 3] = from[code + 3]!
  }
}

function gatherFloat64(
  from: Float64Array,
  codes: Int32Array,
  count: number,
  out: Float64Array,
  to: number,
): void {
  for (let i = 0; i < count; i++) out[to + i] = from[codes[i]!]!
}

/** One and two byte integers and 32-bit floats: rarer, so one polymorphic loop serves them. */
function gatherOther(from: Int16Array, codes: Int32Array, count: number, out: Int16Array, to: number): void {
  for (let i = 0; i < count; i++) out[to + i] = from[codes[i]!]!
}
