import { expect, test } from 'vitest'
import { contentInPlace } from '../../../../engine/formats/parquet/codec/index.ts'
import { compressSnappy } from '../../../../engine/formats/parquet/codec/snappy.ts'

/** Bytes in which nothing occurs twice. */
function incompressible(length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  for (let i = 0, x = 1; i < length; i++) {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0
    bytes[i] = x >>> 24
  }
  return bytes
}

test.each([1, 2, 59, 60, 61, 127, 128, 255, 256, 257, 40_000])(
  'one literal of %i bytes stays in place',
  (length) => {
    const bytes = incompressible(length)
    const stored = compressSnappy(bytes)
    expect(contentInPlace('snappy', stored, length)).toEqual(bytes)
    expect(contentInPlace('snappy', stored, length + 1)).toBeNull()
    expect(contentInPlace('snappy', stored.subarray(0, -1), length)).toBeNull()
  },
)

test.each([
  ['a repetition', compressSnappy(new Uint8Array(1000)), 1000],
  ['nothing', compressSnappy(new Uint8Array(0)), 0],
  ['no bytes', new Uint8Array(0), 0],
  ['another length than announced', Uint8Array.of(4, 8, 1, 2, 3), 3],
  ['a tag of another length', Uint8Array.of(3, 4, 1, 2, 3), 3],
  ['a length of two bytes that announces less', Uint8Array.of(200, 0, 240, 2, 1, 2, 3), 3],
  ['a tag that is cut off', Uint8Array.of(3), 3],
  ['a length without end', Uint8Array.of(255, 255, 255, 255, 255, 255, 8, 1, 2, 3), 3],
])('%s is decompressed', (_, stored, length) => {
  expect(contentInPlace('snappy', stored, length)).toBeNull()
})
