import { expect, test } from 'vitest'
import { selectCodes } from '../../../engine/kernels/index.ts'
import { pool, SEED, within } from './arena.ts'
import { selectCodesTwin } from './twins/select.ts'

test.each([0, 1, 3, 4, 5, 63, 64, 1000, 65_536])(`selectCodes() over %i rows, seed ${SEED}`, (count) => {
  within((region, below) => {
    for (const share of [0, 2, 50, 98, 100])
      for (const hasNulls of [false, true])
        for (const nulls of [false, true]) {
          const entries = region.uint8(1 + below(300)).map(() => (below(100) < share ? 1 : 0))
          const verdicts = region.uint8(entries.length)
          verdicts.set(entries)
          const codes = region.int32(count)
          for (let row = 0; row < count; row++) codes[row] = below(entries.length)
          const validity = hasNulls ? region.bitmap(count).map(() => below(256)) : null
          const bits = validity === null ? null : region.uint8(validity.length)
          if (bits !== null) bits.set(validity!)
          const out = region.int32(count)
          const found = selectCodes(pool, codes, bits, count, { entries: verdicts, nulls }, out)
          expect([...out.subarray(0, found)]).toEqual(selectCodesTwin(codes, bits, count, verdicts, nulls))
        }
  })
})
