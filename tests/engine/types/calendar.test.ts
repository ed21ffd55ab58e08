import { describe, expect, it } from 'vitest'
import { civilOf, daysOf, isoWeek, yearOf } from '../../../engine/types/calendar.ts'

describe('calendar', () => {
  it('agrees with Date on every day of 800 years and some far ones', () => {
    const days = Array.from({ length: 292_194 }, (_, index) => index - 146_097)
    for (const day of [...days, -719_530, -2_000_000, 2_932_896, 20_000_000]) {
      const date = new Date(day * 86_400_000)
      const { year, month, day: dayOfMonth } = civilOf(day)
      const right =
        year === date.getUTCFullYear() && month === date.getUTCMonth() + 1 && dayOfMonth === date.getUTCDate()
      if (!right || yearOf(day) !== year || daysOf(year, month, dayOfMonth) !== day) expect.fail(`day ${day}`)
    }
  })

  it('numbers ISO weeks', () => {
    expect(isoWeek(daysOf(2021, 1, 1))).toEqual({ year: 2020, week: 53 })
    expect(isoWeek(daysOf(2018, 12, 31))).toEqual({ year: 2019, week: 1 })
  })
})
