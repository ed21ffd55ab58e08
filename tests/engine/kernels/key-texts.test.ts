import { expect, test } from 'vitest'
import { keyTextKernels } from '../../../engine/kernels/index.ts'
import type { Region } from '../../../engine/memory/index.ts'
import { pool, SEED, within } from './arena.ts'
import { differentTextsTwin } from './twins/key-texts.ts'

const kernels = keyTextKernels(pool)

function textsIn(region: Region, texts: readonly (string | null)[]) {
  const all = Buffer.from(texts.join(''))
  const bytes = region.uint8(all.length + 8)
  bytes.set(all)
  const offsets = region.int32(texts.length + 1)
  offsets[0] = 0
  const validity = region.bitmap(texts.length)
  for (const [row, text] of texts.entries()) {
    offsets[row + 1] = offsets[row]! + (text ?? '').length
    if (text !== null) validity[row >> 3]! |= 1 << (row & 7)
  }
  return { offsets: offsets.byteOffset, bytes: bytes.byteOffset, validity: validity.byteOffset }
}

test.each([0, 1, 7, 300])('differentTexts() over %i rows', (count) => {
  for (let round = 0; round < 20; round++)
    within((region, below) => {
      const own = Array.from({ length: 40 }, () => (below(9) === 0 ? null : 'ab'.repeat(below(14))))
      const numbers = Array.from({ length: count }, () => below(41) - 1)
      const rate = round % 2 === 0 ? 5 : 1000
      const texts = numbers.map((number) => {
        const text = own[number] ?? null
        return below(rate) > 0 ? text : text === null ? '' : text.length === 0 ? null : `${text.slice(1)}c`
      })
      const twin = differentTextsTwin(texts, numbers, own)
      const nulls = region.uint8(own.length)
      for (const [number, text] of own.entries()) nulls[number] = text === null ? 1 : 0
      const [rows, kept] = [textsIn(region, texts), textsIn(region, own)]
      const codes = region.int32(count)
      for (let row = 0; row < count; row++) codes[row] = row
      for (const at of [0, codes.byteOffset]) {
        const out = region.int32(count)
        out.set(numbers)
        const differing = (mask: 0 | 1) =>
          kernels.differentTexts(
            rows.offsets,
            rows.bytes,
            at,
            rows.validity,
            count,
            out.byteOffset,
            kept.offsets,
            kept.bytes,
            nulls.byteOffset,
            mask,
          )
        expect(differing(0), `seed ${SEED}`).toBe(twin.first)
        expect([...out]).toEqual(numbers)
        expect(differing(1)).toBe(-1)
        expect([...out]).toEqual(twin.masked)
      }
    })
})
