const OBJECT_BYTES = 56

/** Deeper parts of a value are not looked at. */
const MAX_DEPTH = 4

/** What a value takes on the JavaScript heap, about. */
export function heapBytes(value: unknown, depth = 0): number {
  if (typeof value === 'string') return OBJECT_BYTES + value.length
  if (typeof value === 'number') return 16
  if (typeof value !== 'object' || value === null) return OBJECT_BYTES
  if (ArrayBuffer.isView(value)) return 3 * OBJECT_BYTES + value.byteLength
  if (depth > MAX_DEPTH) return OBJECT_BYTES
  if (Array.isArray(value)) return OBJECT_BYTES + sumOf(value, depth)
  return 3 * OBJECT_BYTES + sumOf(Object.values(value), depth)
}

function sumOf(values: readonly unknown[], depth: number): number {
  let bytes = 0
  for (const each of values) bytes += heapBytes(each, depth + 1)
  return bytes
}
