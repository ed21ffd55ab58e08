/**
 * Writes an integer that a double holds exactly (below 2^53) as int64, without making a BigInt.
 * `halves` is the int64 array seen as int32, low half first.
 */
export function putInt64(halves: Int32Array, index: number, value: number): void {
  const high = Math.floor(value / 4_294_967_296)
  halves[2 * index] = (value - high * 4_294_967_296) | 0
  halves[2 * index + 1] = high
}

/** Writes a 128-bit integer, low word first. */
export function putLanes(values: BigInt64Array, row: number, value: bigint): void {
  values[2 * row] = BigInt.asIntN(64, value)
  values[2 * row + 1] = value >> 64n
}

/** The instant, or local time, as microseconds; a bigint only where a double could not hold it. */
export function microsOf(seconds: number, micros: number): number | bigint {
  return Math.abs(seconds) < 9_000_000_000
    ? seconds * 1e6 + micros
    : BigInt(seconds) * 1_000_000n + BigInt(micros)
}

/** An int64 array seen as int32, low half first. */
export function halvesOf(values: BigInt64Array<ArrayBufferLike>): Int32Array<ArrayBufferLike> {
  return new Int32Array(values.buffer, values.byteOffset, values.length * 2)
}
