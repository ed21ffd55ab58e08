import { expect, test } from 'vitest'
import { bitIndices, countBits } from '../../../engine/kernels/index.ts'
import { MemoryPool } from '../../../engine/memory/index.ts'
import { bitIndicesTwin, countBitsTwin } from './twins/bitmap.ts'
import { randomFrom } from './twins/random.ts'

const pool = MemoryPool.create({ limitBytes: 16 << 20, startBytes: 2 ** 31, poison: true })

test.each([0, 1, 7, 8, 63, 64, 65, 127, 128, 1000, 65_536])('bitmap kernels over %i rows', (length) => {
  const seed = Number(process.env['SEED'] ?? length + 1)
  const random = randomFrom(seed)
  const region = pool.createRegion()
  try {
    for (const share of [0, 0.02, 0.5, 0.98, 1]) {
      const bits = region.bitmap(length)
      for (let i = 0; i < length; i++) if (random() < share) bits[i >> 3]! |= 1 << (i & 7)
      const out = region.int32(length)
      const label = `seed ${seed}, share ${share}`
      expect(countBits(pool, bits, length), label).toBe(countBitsTwin(bits, length))
      const count = bitIndices(pool, bits, length, out)
      expect([...out.subarray(0, count)], label).toEqual(bitIndicesTwin(bits, length))
    }
  } finally {
    region.free()
  }
})
