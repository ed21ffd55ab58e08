import { expect, test } from 'vitest'
import { rowRunKernels } from '../../../engine/kernels/index.ts'
import { pool, SEED, within } from './arena.ts'
import { runsTwin } from './twins/row-runs.ts'

const kernels = rowRunKernels(pool)

test.each([0, 1, 2, 9, 64, 1000])('runs of %i rows', (count) => {
  within((region, below) => {
    const label = `seed ${SEED}`
    const steady = (range: number): number[] => {
      let value = below(range)
      return Array.from({ length: count }, () => {
        if (below(4) === 0) value = below(range)
        return value
      })
    }
    const marksOf = (mark: (marks: number) => void): { runs: number[]; starts: number[] } => {
      const marks = region.uint8(count + 8).fill(0).byteOffset
      mark(marks)
      const [numbers, starts] = [region.int32(count + 1), region.int32(count + 1)]
      const found = kernels.numberRuns(marks, count, numbers.byteOffset, starts.byteOffset)
      return { runs: [...numbers.subarray(0, count)], starts: [...starts.subarray(0, found)] }
    }
    const startsOf = (runs: readonly number[]): number[] =>
      [...runs.keys()].filter((row) => row === 0 || runs[row] !== runs[row - 1])
    for (const width of [1, 2, 4, 8, 16]) {
      const values = steady(3)
      const bytes = region.uint8(width * count + 1).fill(0)
      // The last byte of a value differs, so that none is overlooked.
      for (const [row, value] of values.entries()) bytes[width * (row + 1) - 1] = value
      const { runs, starts } = marksOf((marks) => kernels.markChanges(bytes.byteOffset, width, count, marks))
      expect(runs, `${label}, width ${width}`).toEqual(runsTwin([values], count))
      expect(starts, `${label}, width ${width}`).toEqual(startsOf(runs))
    }
    const [bits, lengths] = [steady(2), steady(20)]
    const bitmap = region.bitmap(count + 1)
    const offsets = region.int32(count + 1)
    offsets[0] = 3
    const bytes = region.uint8(20 * count + 20)
    const texts = lengths.map((length, row) => {
      if (bits[row] === 1) bitmap[row >> 3]! |= 1 << (row & 7)
      const last = below(2)
      bytes.fill(7, offsets[row]!, offsets[row]! + length)
      if (length > 0) bytes[offsets[row]! + length - 1] = last
      offsets[row + 1] = offsets[row]! + length
      return `${length} ${length > 0 ? last : ''}`
    })
    const { runs } = marksOf((marks) => {
      kernels.markBitChanges(bitmap.byteOffset, count, marks)
      kernels.markTextChanges(offsets.byteOffset, bytes.byteOffset, count, marks)
    })
    expect(runs, label).toEqual(runsTwin([bits, texts], count))
  })
})
