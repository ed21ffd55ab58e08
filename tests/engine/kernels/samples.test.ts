import { expect, test } from 'vitest'
import { sampleKernels } from '../../../engine/kernels/index.ts'
import { pool, SEED, within } from './arena.ts'
import { atShareTwin, byGroupTwin, sortedTwin } from './twins/samples.ts'

const kernels = sampleKernels(pool)

test('doublesByGroup() keeps the order of values in each group', () => {
  within((region, below) => {
    for (const [count, groups] of [
      [0, 1],
      [1, 3],
      [1000, 7],
      [500, 400],
    ] as const) {
      const values = region.float64(count).map(() => below(100))
      const groupOf = region.int32(count).map(() => below(groups))
      const [from, at] = [region.float64(count), region.int32(count)]
      from.set(values)
      at.set(groupOf)
      const [starts, next, out] = [region.int32(groups + 1), region.int32(groups + 1), region.float64(count)]
      kernels.doublesByGroup(
        from.byteOffset,
        at.byteOffset,
        count,
        groups,
        starts.byteOffset,
        next.byteOffset,
        out.byteOffset,
      )
      const parts = byGroupTwin([...values], [...groupOf], groups)
      const found = parts.map((_, group) => [...out.subarray(starts[group]!, starts[group + 1]!)])
      expect(found, `seed ${SEED}`).toEqual(parts)
    }
  })
})

test.each([
  ['many values', 2000, 1e6, 0],
  ['few distinct values', 2000, 4, 0],
  ['one value', 50, 1, 0],
  ['some NaN', 300, 50, 3],
  ['NaN only', 5, 1, 1],
  ['two values', 2, 10, 0],
  ['a single one', 1, 10, 0],
])('doubleAtShare() of %s', (_, count, distinct, nanOneIn) => {
  within((region, below) => {
    for (let round = 0; round < 20; round++) {
      const values = region.float64(count)
      for (let i = 0; i < count; i++)
        values[i] = nanOneIn > 0 && below(nanOneIn) === 0 ? Number.NaN : below(distinct) - distinct / 2
      if (round === 1) values.sort()
      if (round === 2) values.sort((a, b) => b - a)
      const sorted = sortedTwin([...values])
      for (const share of [0, 0.25, 0.5, below(1000) / 1000, 1])
        for (const reaches of [0, 1] as const) {
          const found = kernels.doubleAtShare(values.byteOffset, count, share, reaches, 1)
          expect(found, `seed ${SEED}, share ${share}`).toBe(atShareTwin(sorted, share, reaches === 1))
          expect(sortedTwin([...values])).toEqual(sorted)
        }
      values.set(sorted)
      expect(kernels.doubleAtShare(values.byteOffset, count, 0.3, 0, 0)).toBe(atShareTwin(sorted, 0.3, false))
    }
  })
})
