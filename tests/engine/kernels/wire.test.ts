import { expect, test } from 'vitest'
import {
  compressLz4Into,
  decompressLz4Block,
  LZ4_TABLE_BYTES,
  mostLz4Bytes,
  wireKernels,
} from '../../../engine/kernels/index.ts'
import { inArena, pool, SEED, within } from './arena.ts'
import { decompressLz4Twin } from './twins/lz4.ts'

test(`compressLz4Into() writes what the twin reads, seed ${SEED}`, () => {
  within((region, below) => {
    const table = region.uint8(LZ4_TABLE_BYTES)
    for (let round = 0; round < 300; round++) {
      const length = below([14, 80, 3000, 200_000][below(4)]!)
      const alphabet = 1 + below(below(2) === 0 ? 3 : 256)
      const plain = Uint8Array.from({ length }, () => below(alphabet))
      for (let from = 40; below(3) > 0 && from < length; from += 60) plain.copyWithin(from, below(from), from)
      const scratch = pool.createRegion()
      const out = scratch.uint8(mostLz4Bytes(length))
      const guard = scratch.uint8(16).fill(7)
      const size = compressLz4Into(pool, inArena(scratch, plain), out, table)
      expect(size).toBeLessThanOrEqual(out.length)
      const [twin, back] = [new Uint8Array(length), scratch.uint8(length)]
      expect(decompressLz4Twin(out.slice(0, size), twin), `round ${round}`).toBe(true)
      expect(decompressLz4Block(pool, out.subarray(0, size), back)).toBe(true)
      expect(Buffer.compare(twin, plain)).toBe(0)
      expect(Buffer.compare(back, plain)).toBe(0)
      expect(guard.every((byte) => byte === 7)).toBe(true)
      scratch.free()
    }
  })
})

test(`compressLz4Into() saves much where bytes repeat`, () => {
  within((region) => {
    const text = Buffer.from('a line of text that comes again. '.repeat(1000))
    const out = region.uint8(mostLz4Bytes(text.length))
    const size = compressLz4Into(pool, inArena(region, text), out, region.uint8(LZ4_TABLE_BYTES))
    expect(size).toBeLessThan(text.length / 50)
  })
})

test.each([
  [1, 256],
  [2, 65_536],
  [4, 2 ** 31],
])(`codes in %i bytes come back, below %i, seed ${SEED}`, (width, limit) => {
  within((region, below) => {
    const kernels = wireKernels(pool)
    for (let length = 0; length < 40; length++) {
      const codes = inInts(
        region.int32(length),
        Array.from({ length }, () => below(limit)),
      )
      const greatest = codes.length === 0 ? 0 : Math.max(...codes)
      expect(kernels.greatestCode(codes.byteOffset, length) >>> 0).toBe(greatest)
      if (width === 4) continue
      const [narrow, wide] = [region.uint8(length * width), region.int32(length)]
      kernels.narrowCodes(codes.byteOffset, length, width, narrow.byteOffset)
      expect(kernels.widenCodes(narrow.byteOffset, length, width, wide.byteOffset) >>> 0).toBe(greatest)
      expect([...wide]).toEqual([...codes])
    }
  })
})

test('greatestCode() takes what is below 0 as large', () => {
  within((region) => {
    for (let at = 0; at < 9; at++) {
      const codes = inInts(region.int32(9), Array(9).fill(5))
      codes[at] = -1
      expect(wireKernels(pool).greatestCode(codes.byteOffset, 9) >>> 0).toBe(2 ** 32 - 1)
    }
  })
})

test(`offsetsRise() finds the one that falls, lowerOffsets() keeps the steps, seed ${SEED}`, () => {
  within((region, below) => {
    const kernels = wireKernels(pool)
    for (let length = 0; length < 30; length++) {
      let sum = below(5)
      const plain = Array.from({ length: length + 1 }, () => (sum += below(3)))
      const offsets = inInts(region.int32(length + 1), plain)
      expect(kernels.offsetsRise(offsets.byteOffset, length)).toBe(1)
      kernels.lowerOffsets(offsets.byteOffset, length + 1, plain[0]!)
      expect([...offsets]).toEqual(plain.map((offset) => offset - plain[0]!))
      offsets[below(length + 1)] = -1
      expect(kernels.offsetsRise(offsets.byteOffset, length)).toBe(0)
    }
  })
})

function inInts(into: Int32Array, values: readonly number[]): Int32Array {
  into.set(values)
  return into
}
