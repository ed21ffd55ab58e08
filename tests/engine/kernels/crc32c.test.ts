import { expect, test } from 'vitest'
import { CRC32C_TABLE_BYTES, crc32c, fillCrc32cTables } from '../../../engine/kernels/index.ts'
import { inArena, pool, SEED, within } from './arena.ts'
import { crc32cTwin } from './twins/crc32c.ts'

test('crc32c() gives the checksum that its definition has for nine digits', () => {
  within((region) => {
    const tables = region.uint8(CRC32C_TABLE_BYTES)
    fillCrc32cTables(pool, tables)
    const digits = inArena(region, new TextEncoder().encode('123456789'))
    expect(crc32c(pool, digits, tables)).toBe(0xe3069283)
  })
})

test.each([0, 1, 7, 8, 9, 63, 1000, 8191, 8192, 65_537])(
  'crc32c() of %i bytes, whole and in two parts',
  (length) => {
    within((region, below) => {
      const tables = region.uint8(CRC32C_TABLE_BYTES)
      fillCrc32cTables(pool, tables)
      const bytes = inArena(
        region,
        Uint8Array.from({ length }, () => below(256)),
      )
      const expected = crc32cTwin(bytes)
      const cut = below(length + 1)
      expect(crc32c(pool, bytes, tables), `seed ${SEED}`).toBe(expected)
      const first = crc32c(pool, bytes.subarray(0, cut), tables)
      expect(crc32c(pool, bytes.subarray(cut), tables, first), `seed ${SEED}, cut ${cut}`).toBe(expected)
    })
  },
)
