import { expect, test } from 'vitest'
import { ByteBuffer } from '../../../engine/formats/parquet/byte-buffer.ts'
import { encodeDelta } from '../../../engine/formats/parquet/encoding/delta-encoder.ts'
import { DeltaDecoder, joinStreams, newDeltaState } from '../../../engine/kernels/index.ts'
import type { Region } from '../../../engine/memory/index.ts'
import { inArena, pool, SEED, within } from './arena.ts'
import { deltaTwin } from './twins/delta.ts'

type Below = (limit: number) => number

const fail = (reason: string): Error => new Error(reason)

/** All values, in pieces of any size. */
function decode(bytes: Uint8Array, bits: 32 | 64, count: number, region: Region, below: Below): bigint[] {
  const decoder = new DeltaDecoder(pool, newDeltaState(region), bytes, 0, bytes.length, fail)
  const out: bigint[] = []
  while (out.length < count) {
    const piece = Math.min(count - out.length, 1 + below(below(3) === 0 ? 400 : 40))
    const values = region.uint8(piece * (bits >> 3))
    if (bits === 32) decoder.read32(values, piece)
    else decoder.read64(values, piece)
    const { buffer, byteOffset } = values
    const read =
      bits === 32 ? new Int32Array(buffer, byteOffset, piece) : new BigInt64Array(buffer, byteOffset, piece)
    out.push(...[...read].map(BigInt))
  }
  return out
}

function numbers(count: number, width: number, bits: 32 | 64, below: Below): BigInt64Array {
  const word = () => BigInt(below(2 ** 32)) | (BigInt(below(2 ** 32)) << 32n)
  let value = word()
  return BigInt64Array.from({ length: count }, () => {
    value += BigInt.asUintN(width, word()) - (below(2) === 0 ? 5n : 0n)
    return BigInt.asIntN(bits, value)
  })
}

for (const bits of [32, 64] as const)
  test(`DeltaDecoder reads ${bits}-bit numbers as the writer wrote them, seed ${SEED}`, () => {
    within((region, below) => {
      for (let width = 0; width <= bits; width++) {
        const values = numbers(below(4) === 0 ? below(3) : below(700), width, bits, below)
        const out = new ByteBuffer()
        encodeDelta(values, bits, out)
        const bytes = inArena(region, out.bytes.subarray(0, out.length))
        expect(deltaTwin(bytes, bits, values.length)).toEqual([...values])
        expect(decode(bytes, bits, values.length, region, below), `${width} bits`).toEqual([...values])
        region.reset()
      }
    })
  })

test(`DeltaDecoder refuses what the twin refuses, seed ${SEED}`, () => {
  within((region, below) => {
    for (let round = 0; round < 4000; round++) {
      const bits = below(2) === 0 ? 32 : 64
      const parts = 1 + below(3)
      const size = below(20) === 0 ? below(20) : 8
      const count = below(60)
      const content = Array.from({ length: below(60) }, () => below(below(2) === 0 ? 256 : 70))
      const bytes = inArena(region, Uint8Array.of(parts * size, parts, below(70), ...content))
      const expected = deltaTwin(bytes, bits, count)
      const read = () => decode(bytes, bits, count, region, below)
      if (expected === null) expect(read, `round ${round}`).toThrow()
      else expect(read(), `round ${round}`).toEqual(expected)
      region.reset()
    }
  })
})

test.each([1, 2, 4, 8, 12, 16])(`joinStreams() makes values of %i bytes whole, seed ${SEED}`, (width) => {
  within((region, below) => {
    const stride = 1 + below(300)
    const bytes = inArena(
      region,
      Uint8Array.from({ length: stride * width }, () => below(256)),
    )
    const from = below(stride)
    const count = stride - from
    const out = region.uint8(count * width)
    joinStreams(pool, bytes, from, stride, width, count, out)
    const expected = Array.from(
      { length: count * width },
      (_, at) => bytes[(at % width) * stride + from + Math.floor(at / width)],
    )
    expect([...out]).toEqual(expected)
  })
})
