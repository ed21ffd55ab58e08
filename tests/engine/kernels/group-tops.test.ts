import { expect, test } from 'vitest'
import { groupTopKernels, VALUE_FORMS } from '../../../engine/kernels/index.ts'
import { pool, SEED, within } from './arena.ts'
import { firstTwin, keptTwin } from './twins/group-tops.ts'

const kernels = groupTopKernels(pool)

test.each([1, 2, 5])('the first %i of each group', (limit) => {
  within((region, below) => {
    const count = 300
    const words = Array.from({ length: count }, () => BigInt(below(40)))
    const groups = Array.from({ length: count }, () => below(12))
    const [own, numbers, out] = [region.int64(count), region.int32(count), region.int32(count)]
    own.set(words)
    numbers.set(groups)
    const tops = region.int64(12 * limit).fill(-1n).byteOffset
    const [from, by, to] = [own.byteOffset, numbers.byteOffset, out.byteOffset]
    const kept = kernels.addToTops(from, by, count, limit, tops, to)
    expect([...out.subarray(0, kept)], `seed ${SEED}`).toEqual(keptTwin(words, groups, limit))
    const first = kernels.withinTops(from, by, count, limit, tops, to)
    expect([...out.subarray(0, first)], `seed ${SEED}`).toEqual(firstTwin(words, groups, limit))
  })
})

test('words of doubles and integers go by their order, NULL first or last', () => {
  within((region) => {
    const doubles = region.float64(7)
    doubles.set([Number.NEGATIVE_INFINITY, -1.5, -0, 0, 2.5, Number.POSITIVE_INFINITY, Number.NaN])
    const validity = region.bitmap(7, true)
    const out = region.int64(7)
    const wordsOf = (values: ArrayBufferView, form: 0 | 3 | 7, descending: number, nullsFirst: number) => {
      const [from, bits, to] = [values.byteOffset, validity.byteOffset, out.byteOffset]
      kernels.orderWords(form, from, bits, 7, descending, nullsFirst, to)
      return [...out].map((word) => BigInt.asUintN(64, word))
    }
    const ranks = (words: readonly bigint[]) => {
      const sorted = [...new Set(words)].sort((a, b) => (a < b ? -1 : 1))
      return words.map((word) => sorted.indexOf(word))
    }
    expect(ranks(wordsOf(doubles, VALUE_FORMS.float64, 0, 0))).toEqual([0, 1, 2, 2, 3, 4, 5])
    expect(ranks(wordsOf(doubles, VALUE_FORMS.float64, 1, 0))).toEqual([5, 4, 3, 3, 2, 1, 0])
    validity[0] = 0b0111_1110
    expect(ranks(wordsOf(doubles, VALUE_FORMS.float64, 0, 0))).toEqual([5, 0, 1, 1, 2, 3, 4])
    expect(ranks(wordsOf(doubles, VALUE_FORMS.float64, 1, 1))).toEqual([0, 5, 4, 4, 3, 2, 1])
    const ints = region.int32(7)
    ints.set([-(2 ** 31), -70, -2, 0, 2, 70, 2 ** 31 - 1])
    expect(ranks(wordsOf(ints, VALUE_FORMS.int32, 0, 1))).toEqual([0, 1, 2, 3, 4, 5, 6])
    expect(ranks(wordsOf(ints, VALUE_FORMS.int32, 1, 0))).toEqual([6, 5, 4, 3, 2, 1, 0])
  })
})
