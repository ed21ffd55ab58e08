import { expect, test } from 'vitest'
import { ByteBuffer } from '../../../engine/formats/parquet/byte-buffer.ts'
import { encodeRle } from '../../../engine/formats/parquet/encoding/rle-encoder.ts'
import { HybridDecoder, newHybridState } from '../../../engine/kernels/index.ts'
import { inArena, pool, SEED, within } from './arena.ts'
import { hybridTwin } from './twins/hybrid.ts'

/** Numbers in runs and without order, as the writer encodes them. */
function encoded(values: Int32Array, width: number): Uint8Array {
  const out = new ByteBuffer()
  encodeRle(values, values.length, width, out)
  return out.bytes.subarray(0, out.length)
}

function randomValues(count: number, width: number, below: (limit: number) => number): Int32Array {
  const values = new Int32Array(count)
  for (let at = 0; at < count; ) {
    const length = 1 + below(below(3) === 0 ? 300 : 20)
    const isRun = below(2) === 0
    const value = below(2 ** width)
    for (let i = 0; i < length && at < count; i++) values[at++] = isRun ? value : below(2 ** width)
  }
  return values
}

test.each(Array.from({ length: 33 }, (_, width) => width))(
  `hybrid numbers of %i bits, seed ${SEED}`,
  (width) => {
    within((region, below) => {
      const values = randomValues(5000, width, below)
      const bytes = inArena(region, encoded(values, width))
      const expected = hybridTwin(bytes, width, values.length)!
      expect(expected).toEqual([...values])
      const state = newHybridState(region)
      const start = () =>
        new HybridDecoder(pool, state, bytes, 0, bytes.length, width, (reason) => new Error(reason))
      const out = region.int32(values.length)
      const decoder = start()
      for (let at = 0; at < values.length; ) {
        const count = Math.min(values.length - at, 1 + below(below(2) === 0 ? 7 : 900))
        if (below(4) === 0) {
          decoder.skip(count)
          out.set(values.subarray(at, at + count), at)
        } else decoder.read(out, at, count)
        at += count
      }
      expect([...out]).toEqual(expected)
      expect(() => decoder.read(out, 0, 8)).toThrow()
      // Some rows only, in pieces.
      const wanted = expected.map((_, row) => row).filter(() => below(below(3) === 0 ? 2 : 40) === 0)
      const rows = region.int32(wanted.length)
      rows.set(wanted)
      const picked = region.int32(wanted.length)
      const other = start()
      for (let base = 0, from = 0; base < values.length; ) {
        const count = Math.min(values.length - base, 1 + below(3000))
        const to = wanted.findIndex((row) => row >= base + count)
        const end = to < 0 ? wanted.length : to
        if (width < 32) other.readCodesAt(2 ** width, picked, from, base, count, { rows, from, to: end })
        else
          other.gatherAt(0, 2 ** 32 - 1, -1, picked.byteOffset + 4 * from, base, count, {
            rows,
            from,
            to: end,
          })
        base += count
        from = end
      }
      expect([...picked]).toEqual(wanted.map((row) => expected[row]))
    })
  },
)

test.each([0, 1, 2, 3, 4])(`codes name dictionary values of 2^%i bytes, seed ${SEED}`, (shift) => {
  within((region, below) => {
    const size = 100
    const dictionary = inArena(
      region,
      Uint8Array.from({ length: size << shift }, () => below(256)),
    )
    const values = randomValues(4000, 6, below)
    const bytes = inArena(region, encoded(values, 6))
    const out = region.uint8(values.length << shift)
    const start = () =>
      new HybridDecoder(
        pool,
        newHybridState(region),
        bytes,
        0,
        bytes.length,
        6,
        (reason) => new Error(reason),
      )
    start().gather(dictionary.byteOffset, size, shift, out.byteOffset, values.length)
    const entry = (code: number) => [...dictionary.subarray(code << shift, (code + 1) << shift)]
    expect([...out]).toEqual([...values].flatMap(entry))
    const rows = region.int32(3)
    rows.set([0, 2500, 3999])
    start().gatherAt(dictionary.byteOffset, size, shift, out.byteOffset, 0, 4000, { rows, from: 0, to: 3 })
    expect([...out.subarray(0, 3 << shift)]).toEqual([...rows].flatMap((row) => entry(values[row]!)))
    expect(() => start().gather(dictionary.byteOffset, 3, shift, out.byteOffset, 4000)).toThrow('beyond')
  })
})

test(`malformed hybrids are refused as the twin refuses them, seed ${SEED}`, () => {
  within((region, below) => {
    for (let round = 0; round < 2000; round++) {
      const width = below(33)
      const bytes = inArena(
        region,
        Uint8Array.from({ length: below(12) }, () => below(below(2) === 0 ? 256 : 8)),
      )
      const count = 1 + below(40)
      const expected = hybridTwin(bytes, width, count)
      const out = region.int32(count)
      const decoder = new HybridDecoder(
        pool,
        newHybridState(region),
        bytes,
        0,
        bytes.length,
        width,
        (reason) => new Error(reason),
      )
      if (expected === null) expect(() => decoder.read(out, 0, count), `${[...bytes]} ${width}`).toThrow()
      else {
        decoder.read(out, 0, count)
        expect([...out], `${[...bytes]} ${width}`).toEqual(expected)
      }
      region.reset()
    }
  })
})

test(`hybrid bits become a bitmap, seed ${SEED}`, () => {
  within((region, below) => {
    const values = randomValues(3000, 1, below)
    const bytes = inArena(region, encoded(values, 1))
    const bits = region.bitmap(values.length)
    const decoder = new HybridDecoder(
      pool,
      newHybridState(region),
      bytes,
      0,
      bytes.length,
      1,
      (text) => new Error(text),
    )
    for (let at = 0; at < values.length; ) {
      const count = Math.min(values.length - at, 1 + below(200))
      const ones = values.subarray(at, at + count).reduce((sum, bit) => sum + bit, 0)
      expect(decoder.readBits(bits, at, count)).toBe(ones)
      at += count
    }
    expect([...values].every((bit, row) => ((bits[row >> 3]! >> (row & 7)) & 1) === bit)).toBe(true)
  })
})

test(`single rows of packed groups that are cut off, seed ${SEED}`, () => {
  within((region, below) => {
    for (let round = 0; round < 500; round++) {
      const width = 1 + below(31)
      const groups = 1 + below(20)
      const cut = below(width)
      const packed = Array.from({ length: groups * width - cut }, () => below(256))
      const bytes = inArena(region, Uint8Array.of((groups << 1) | 1, ...packed))
      const expected = hybridTwin(bytes, width, groups * 8)!
      const wanted = expected.map((_, row) => row).filter(() => below(10) === 0)
      const rows = region.int32(wanted.length)
      rows.set(wanted)
      const out = region.int32(wanted.length)
      const fail = (reason: string) => new Error(reason)
      const decoder = new HybridDecoder(pool, newHybridState(region), bytes, 0, bytes.length, width, fail)
      const count = groups * 8
      const from = below(count)
      const split = wanted.filter((row) => row < from).length
      decoder.readCodesAt(2 ** width, out, 0, 0, from, { rows, from: 0, to: split })
      decoder.readCodesAt(2 ** width, out, split, from, count - from, {
        rows,
        from: split,
        to: wanted.length,
      })
      expect([...out], `round ${round}`).toEqual(wanted.map((row) => expected[row]))
      region.reset()
    }
  })
})
