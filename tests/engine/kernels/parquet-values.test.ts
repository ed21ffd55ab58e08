import { expect, test } from 'vitest'
import { compressLz4Block } from '../../../engine/formats/parquet/codec/lz4.ts'
import { compressSnappy } from '../../../engine/formats/parquet/codec/snappy.ts'
import {
  compressSnappyInto,
  convertKernels,
  copyEntries,
  decompressLz4Block,
  decompressSnappy,
  entriesBytes,
  mostSnappyBytes,
  readPlainStrings,
  readPlainStringsAt,
  SNAPPY_TABLE_BYTES,
  skipPlainStrings,
} from '../../../engine/kernels/index.ts'
import { inArena, pool, SEED, within } from './arena.ts'
import { bigEndianTwin, int96Twin, microsTwin, spreadTwin } from './twins/convert.ts'
import { decompressLz4Twin } from './twins/lz4.ts'
import { decompressSnappyTwin } from './twins/snappy.ts'

const CODECS = {
  snappy: { compress: compressSnappy, read: decompressSnappy, twin: decompressSnappyTwin },
  lz4: { compress: compressLz4Block, read: decompressLz4Block, twin: decompressLz4Twin },
}

test.each(Object.entries(CODECS))(
  `%s as the twin reads it, sound and damaged, seed ${SEED}`,
  (_name, codec) => {
    within((region, below) => {
      for (let round = 0; round < 400; round++) {
        const length = below(below(3) === 0 ? 5000 : 200)
        const alphabet = 1 + below(below(2) === 0 ? 4 : 256)
        const plain = Uint8Array.from({ length }, () => below(alphabet))
        for (let from = 40; below(3) > 0 && from < length; from += 60)
          plain.copyWithin(from, below(from), from)
        const input = inArena(region, codec.compress(plain))
        const out = region.uint8(length)
        const guard = region.uint8(16).fill(7)
        expect(codec.read(pool, input, out)).toBe(true)
        expect(Buffer.compare(out, plain)).toBe(0)
        for (let i = 1 + below(3); i > 0; i--) input[below(input.length)] = below(256)
        const cut = input.subarray(0, input.length - below(2) * below(input.length))
        const expected = new Uint8Array(length)
        const isSound = codec.twin(cut, expected)
        expect(codec.read(pool, cut, out)).toBe(isSound)
        if (isSound) expect(Buffer.compare(out, expected)).toBe(0)
        expect(guard.every((byte) => byte === 7)).toBe(true)
        region.reset()
      }
    })
  },
)

test(`compressSnappyInto() writes the bytes that the twin writes, seed ${SEED}`, () => {
  within((region, below) => {
    const table = region.uint8(SNAPPY_TABLE_BYTES)
    for (let round = 0; round < 300; round++) {
      const length = below([5, 80, 3000, 200_000][below(4)]!)
      const alphabet = 1 + below(below(2) === 0 ? 3 : 256)
      const plain = Uint8Array.from({ length }, () => below(alphabet))
      for (let from = 40; below(3) > 0 && from < length; from += 60) plain.copyWithin(from, below(from), from)
      const piece = region.allocateGrowing(length + mostSnappyBytes(length) + 64)
      const input = new Uint8Array(pool.buffer, piece, length)
      input.set(plain)
      const out = new Uint8Array(pool.buffer, piece + length + 64, mostSnappyBytes(length))
      const size = compressSnappyInto(pool, input, out, table)
      expect(Buffer.compare(out.subarray(0, size), compressSnappy(plain))).toBe(0)
      region.giveBack(piece)
    }
  })
})

test(`PLAIN byte arrays, all, some or none, seed ${SEED}`, () => {
  within((region, below) => {
    const texts = Array.from({ length: 500 }, () =>
      Uint8Array.from({ length: below(below(5) === 0 ? 90 : 20) }, () => below(256)),
    )
    const input = inArena(
      region,
      Buffer.concat(texts.flatMap((text) => [Buffer.from(new Uint32Array([text.length]).buffer), text])),
    )
    const read = (offsets: Int32Array, bytes: Uint8Array, count: number) =>
      Array.from({ length: count }, (_, row) => [...bytes.subarray(offsets[row]!, offsets[row + 1]!)])
    const out = { offsets: region.int32(501), bytes: region.uint8(input.length) }
    out.offsets[0] = 0
    const half = readPlainStrings(pool, input, 0, input.length, 250, out, 0)
    expect(skipPlainStrings(pool, input, 0, input.length, 250)).toBe(half)
    expect(readPlainStrings(pool, input, half, input.length, 250, out, 250)).toBe(input.length)
    expect(read(out.offsets, out.bytes, 500)).toEqual(texts.map((text) => [...text]))
    const wanted = texts.map((_, row) => row).filter(() => below(5) === 0)
    const rows = region.int32(wanted.length)
    rows.set(wanted.map((row) => row + 1000))
    const some = { offsets: region.int32(501), bytes: region.uint8(input.length) }
    some.offsets[0] = 0
    const all = { rows, from: 0, to: wanted.length }
    expect(readPlainStringsAt(pool, input, 0, input.length, 1000, 500, all, some, 0)).toBe(input.length)
    expect(read(some.offsets, some.bytes, wanted.length)).toEqual(wanted.map((row) => [...texts[row]!]))
    rows.set(wanted)
    const bytes = wanted.reduce((sum, row) => sum + texts[row]!.length, 0)
    expect(entriesBytes(pool, rows, wanted.length, out.offsets)).toBe(bytes)
    copyEntries(pool, rows, wanted.length, out, some, 0)
    expect(read(some.offsets, some.bytes, wanted.length)).toEqual(wanted.map((row) => [...texts[row]!]))
    expect(readPlainStrings(pool, input, half, input.length, 251, out, 0)).toBe(-1)
    expect(readPlainStrings(pool, input, half, input.length - 1, 250, out, 0)).toBe(-1)
    expect(skipPlainStrings(pool, input, half, input.length, 251)).toBe(-1)
    expect(readPlainStringsAt(pool, input, half, input.length, 0, 251, all, some, 0)).toBe(-1)
  })
})

test(`values spread over NULLs and picked, seed ${SEED}`, () => {
  within((region, below) => {
    const kernels = convertKernels(pool)
    for (const [shift, array] of [
      [0, region.uint8(700)],
      [1, region.int16(700)],
      [2, region.int32(700)],
      [3, region.int64(700)],
    ] as const) {
      const from = 13
      const valid = Array.from({ length: 600 }, () => below(3) > 0)
      const validity = region.bitmap(from + valid.length)
      valid.forEach((isThere, i) => {
        if (isThere) validity[(from + i) >> 3]! |= 1 << ((from + i) & 7)
      })
      const dense = valid.filter((isThere) => isThere).map(() => BigInt(below(256 - 128)))
      dense.forEach((value, i) => {
        array[from + i] = (array instanceof BigInt64Array ? value : Number(value)) as never
      })
      kernels.spreadRows(array.byteOffset, shift, from, dense.length, valid.length, validity.byteOffset)
      const spread = Array.from({ length: valid.length }, (_, i) => BigInt(array[from + i]!))
      expect(spread).toEqual(spreadTwin(dense, valid))
      const rows = region.int32(3)
      rows.set([from, from + 7, from + 599])
      const out = region.uint8(3 << shift)
      kernels.gatherValuesAt(array.byteOffset, shift, 0, rows.byteOffset, 3, out.byteOffset)
      const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
      expect([...out]).toEqual(
        [...rows].flatMap((row) => [...bytes.subarray(row << shift, (row + 1) << shift)]),
      )
    }
    const offsets = region.int32(5)
    offsets.set([0, 3, 8, 99, 99])
    kernels.spreadOffsets(offsets.byteOffset, 0, 2, 4, inArena(region, Uint8Array.of(0b1010)).byteOffset)
    expect([...offsets]).toEqual([0, 0, 3, 3, 8])
    const source = inArena(
      region,
      Uint8Array.from({ length: 40 }, () => below(256)),
    )
    const bits = region.bitmap(400)
    const bitOf = (bytes: Uint8Array, at: number) => (bytes[at >> 3]! >> (at & 7)) & 1
    const moved = kernels.moveBits(source.byteOffset, 5, bits.byteOffset, 77, 300)
    const expected = Array.from({ length: 300 }, (_, i) => bitOf(source, 5 + i))
    expect(Array.from({ length: 300 }, (_, i) => bitOf(bits, 77 + i))).toEqual(expected)
    expect(moved).toBe(expected.reduce((sum, bit) => sum + bit, 0))
  })
})

test(`stored numbers become ours, seed ${SEED}`, () => {
  within((region, below) => {
    const kernels = convertKernels(pool)
    const count = 101
    const wide = () => (BigInt(below(2 ** 32)) << 32n) | BigInt(below(2 ** 32))
    const ints = region.int32(count).map(() => below(2 ** 32) - 2 ** 31)
    const stored = inArena(region, new Uint8Array(Int32Array.from(ints).buffer))
    const out = region.int64(2 * count)
    kernels.extendSigned(stored.byteOffset, count, out.byteOffset)
    expect([...out.subarray(0, count)]).toEqual([...ints].map(BigInt))
    kernels.scaleInts(out.byteOffset, count, 1000)
    expect([...out.subarray(0, count)]).toEqual([...ints].map((value) => BigInt(value) * 1000n))
    kernels.extendUnsigned(stored.byteOffset, count, out.byteOffset)
    expect([...out.subarray(0, count)]).toEqual([...ints].map((value) => BigInt(value >>> 0)))
    const shorts = region.int16(count)
    kernels.narrowInts(stored.byteOffset, count, 1, shorts.byteOffset)
    expect([...shorts]).toEqual([...Int16Array.from(ints)])
    const bytes = region.int8(count)
    kernels.narrowInts(stored.byteOffset, count, 0, bytes.byteOffset)
    expect([...bytes]).toEqual([...Int8Array.from(ints)])
    const longs = region.int64(count).map(() => BigInt.asIntN(64, wide()))
    const source = region.int64(count)
    source.set(longs)
    kernels.nanosToMicros(source.byteOffset, count, out.byteOffset)
    expect([...out.subarray(0, count)]).toEqual([...longs].map(microsTwin))
    kernels.extendTo128(source.byteOffset, count, out.byteOffset)
    expect([...out]).toEqual([...longs].flatMap((value) => [value, 0n]))
    const days = region.uint8(count * 12)
    const view = new DataView(days.buffer, days.byteOffset, days.length)
    const moments = Array.from(
      { length: count },
      () => [BigInt(below(2 ** 32)) * 20_000n, BigInt(below(5_000_000))] as const,
    )
    moments.forEach(([nanos, day], i) => {
      view.setBigInt64(12 * i, nanos, true)
      view.setInt32(12 * i + 8, Number(day), true)
    })
    kernels.int96ToMicros(days.byteOffset, count, out.byteOffset)
    expect([...out.subarray(0, count)]).toEqual(moments.map(([nanos, day]) => int96Twin(nanos, day)))
  })
})

test(`big-endian numbers of any width, and pairs that fit into one, seed ${SEED}`, () => {
  within((region, below) => {
    const kernels = convertKernels(pool)
    for (const lanes of [1, 2])
      for (let width = 1; width <= 18; width++) {
        const stored = inArena(
          region,
          Uint8Array.from({ length: 20 * width }, () => below(256)),
        )
        const out = region.int64(20 * lanes)
        kernels.bigEndianInts(stored.byteOffset, 20, width, lanes, out.byteOffset)
        const expected = Array.from({ length: 20 }, (_, i) =>
          bigEndianTwin(stored.subarray(i * width, (i + 1) * width), 64 * lanes),
        )
        const read = expected.map((_, i) =>
          lanes === 1 ? out[i]! : (out[2 * i + 1]! << 64n) | BigInt.asUintN(64, out[2 * i]!),
        )
        expect(read).toEqual(expected)
        const offsets = region.int32(21)
        offsets.set(Array.from({ length: 21 }, (_, i) => i * width))
        const again = region.int64(20 * lanes)
        kernels.bigEndianTexts(stored.byteOffset, offsets.byteOffset, 20, lanes, again.byteOffset)
        expect([...again]).toEqual([...out])
      }
    const pairs = region.int64(6)
    pairs.set([5n, 0n, -7n, -1n, 9n, 0n])
    expect(kernels.narrowPairs(pairs.byteOffset, 3)).toBe(1)
    expect([...pairs.subarray(0, 3)]).toEqual([5n, -7n, 9n])
    pairs.set([5n, 0n, -7n, 0n, 9n, 0n])
    expect(kernels.narrowPairs(pairs.byteOffset, 3)).toBe(0)
    const split = inArena(
      region,
      Uint8Array.from({ length: 60 }, (_, i) => i),
    )
    const merged = region.uint8(24)
    kernels.mergeStreams(split.byteOffset + 2, 15, 4, 6, merged.byteOffset)
    expect([...merged]).toEqual(Array.from({ length: 24 }, (_, i) => 2 + (i >> 2) + 15 * (i & 3)))
  })
})
