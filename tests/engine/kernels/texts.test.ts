import { expect, test } from 'vitest'
import { textKernels } from '../../../engine/kernels/index.ts'
import type { Region } from '../../../engine/memory/index.ts'
import { inArena, pool, SEED, within } from './arena.ts'
import { cutTwin, likeTwin, orderTwin } from './twins/texts.ts'

const kernels = textKernels(pool)
type Below = (limit: number) => number

/** Few letters, so that texts have much in common; some of two to four bytes. */
function randomText(below: Below, longest: number): Uint8Array {
  const letters = ['a', 'a', 'b', 'c', ' ', 'ä', '€', '𝄞']
  const count = below(4) === 0 ? letters.length : 4
  return Buffer.from(Array.from({ length: below(longest + 1) }, () => letters[below(count)]!).join(''))
}

function column(texts: readonly Uint8Array[], region: Region) {
  // The first text need not begin at 0.
  const offsets = region.int32(texts.length + 1)
  offsets[0] = 3
  for (const [index, text] of texts.entries()) offsets[index + 1] = offsets[index]! + text.length
  const bytes = inArena(region, Buffer.concat([Buffer.from('abc'), ...texts]))
  return { offsets: offsets.byteOffset, bytes: bytes.byteOffset }
}

function rowsOfBits(bits: Uint8Array, count: number): boolean[] {
  return Array.from({ length: count }, (_, row) => ((bits[row >> 3]! >> (row & 7)) & 1) === 1)
}

const LENGTHS = [0, 3, 8, 17, 60]

test.each([1, 7, 8, 9, 500])(`texts of %i rows are compared and looked up, seed ${SEED}`, (count) => {
  within((region, below) => {
    for (const longest of LENGTHS) {
      const left = Array.from({ length: count }, () => randomText(below, longest))
      const right = left.map((text) => (below(2) === 0 ? text : randomText(below, longest)))
      const [a, b] = [column(left, region), column(right, region)]
      const out = region.uint8((count + 7) >> 3)
      for (const [less, aStep, bStep] of [0, 1].flatMap((each) => [
        [each, 1, 1] as const,
        [each, 1, 0] as const,
        [each, 0, 1] as const,
      ])) {
        kernels.compareTexts(
          less,
          a.offsets,
          a.bytes,
          aStep,
          b.offsets,
          b.bytes,
          bStep,
          count,
          out.byteOffset,
        )
        const orders = left.map((_, row) => orderTwin(left[row * aStep]!, right[row * bStep]!))
        const expected = orders.map((order) => (less === 1 ? order < 0 : order === 0))
        expect(rowsOfBits(out, count), `longest ${longest} less ${less}`).toEqual(expected)
      }
      const list = Array.from({ length: below(6) }, (_, at) => left[at] ?? randomText(below, longest))
      const items = column(list, region)
      kernels.textsIn(a.offsets, a.bytes, count, items.offsets, items.bytes, list.length, out.byteOffset)
      const isIn = left.map((text) => list.some((item) => orderTwin(text, item) === 0))
      expect(rowsOfBits(out, count), `longest ${longest}`).toEqual(isIn)
    }
  })
})

test.each([1, 9, 300])(`patterns are found in texts of %i rows, seed ${SEED}`, (count) => {
  within((region, below) => {
    for (let round = 0; round < 60; round++) {
      const texts = Array.from({ length: count }, () => randomText(below, LENGTHS[below(LENGTHS.length)]!))
      const isExact = below(4) === 0
      const end = () => (below(3) === 0 ? randomText(below, 3) : Buffer.alloc(0))
      const pieces = Array.from({ length: isExact ? 0 : below(4) }, () => randomText(below, 1 + below(4)))
      const pattern = [end(), end(), ...pieces.filter(({ length }) => length > 0)]
      const { offsets, bytes } = column(texts, region)
      const lengths = region.int32(pattern.length)
      lengths.set(pattern.map(({ length }) => length))
      const at = inArena(region, Buffer.concat(pattern)).byteOffset
      const out = region.bitmap(count)
      const exact = isExact ? 1 : 0
      const middle = pattern.length - 2
      kernels.likeTexts(offsets, bytes, count, exact, middle, lengths.byteOffset, at, out.byteOffset)
      const expected = texts.map((text) => likeTwin(text, pattern, isExact))
      expect(rowsOfBits(out, count), `${pattern.map(String).join('|')} ${isExact}`).toEqual(expected)
    }
  })
})

test.each([1, 9, 300])(`texts of %i rows are measured and cut, seed ${SEED}`, (count) => {
  within((region, below) => {
    for (let round = 0; round < 40; round++) {
      const texts = Array.from({ length: count }, () => randomText(below, LENGTHS[below(LENGTHS.length)]!))
      const { offsets, bytes } = column(texts, region)
      const sizes = region.int32(count)
      kernels.textLengths(offsets, bytes, count, sizes.byteOffset)
      expect([...sizes]).toEqual(texts.map((text) => [...Buffer.from(text).toString()].length))
      const from = below(10)
      const length = below(3) === 0 ? 2 ** 31 : below(10)
      const isText = below(3) > 0
      const [starts, ends] = [region.int32(count), region.int32(count + 1)]
      const [to, isCharacters] = [starts.byteOffset, isText ? 1 : 0]
      kernels.cutTexts(offsets, bytes, count, isCharacters, from, length, to, ends.byteOffset)
      const out = region.uint8(ends[count]!)
      kernels.copyParts(bytes, to, ends.byteOffset, count, out.byteOffset)
      texts.forEach((text, row) => {
        const part = Buffer.from(out.subarray(ends[row]!, ends[row + 1]!))
        const label = `[${from}, ${length}) of ${Buffer.from(text)}, row ${row}`
        expect(part.equals(cutTwin(text, isText, from, length)), label).toBe(true)
      })
    }
  })
})
