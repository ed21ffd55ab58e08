/** Rows opened up for NULLs: value by value from the front, zero where no bit is set. */
export function spreadTwin(dense: readonly bigint[], valid: readonly boolean[]): bigint[] {
  let next = 0
  return valid.map((isThere) => (isThere ? dense[next++]! : 0n))
}

/** A signed big-endian number, cut to `bits`. */
export function bigEndianTwin(bytes: Uint8Array, bits: number): bigint {
  let value = 0n
  for (const byte of bytes) value = (value << 8n) | BigInt(byte)
  return BigInt.asIntN(bits, BigInt.asIntN(bytes.length * 8, value))
}

/** Nanoseconds to microseconds, rounded down. */
export function microsTwin(nanos: bigint): bigint {
  const remainder = ((nanos % 1000n) + 1000n) % 1000n
  return (nanos - remainder) / 1000n
}

/** Microseconds since 1970 of an INT96: nanoseconds of the day and Julian day. */
export function int96Twin(nanosOfDay: bigint, julianDay: bigint): bigint {
  return (julianDay - 2_440_588n) * 86_400_000_000n + nanosOfDay / 1000n
}
