import { expect, test } from 'vitest'
import {
  DatetimeParts,
  datetimePattern,
  LocalClock,
  parseDate,
  parseIso,
  parseTimestamp,
  timeZone,
  toInstant,
  UTC,
} from '../../../engine/functions/index.ts'

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

const micros = (parts: DatetimeParts): number => parts.localSeconds * 1e6 + parts.micros

test.each<[text: string, expected: string | null, zone?: string]>([
  ['2020-02-29', '2020-02-29T00:00:00.000Z'],
  ['2021-02-29', null],
  ['2020-1-2 3:4:5.678', '2020-01-02T03:04:05.678Z'],
  ['2020-01-02T03:04Z', '2020-01-02T03:04:00.000Z', 'UTC'],
  ['2020-01-02 03:04:05.1234567 +01:00', '2020-01-02T03:04:05.123Z', '+01:00'],
  ['2020-01-02 10', '2020-01-02T10:00:00.000Z'],
  ['2020-01-02 10:00 Nowhere', null],
  ['2020-01-02 24:00:00', null],
  ['2020', '2020-01-01T00:00:00.000Z'],
  ['2020-13-01', null],
  ['20200101', null],
  ['', null],
  ['12/1/2010 8:26', null],
])('parseIso() of %j', (text, expected, zone) => {
  const parts = new DatetimeParts()
  const bytes = bytesOf(text)
  expect(parseIso(bytes, 0, bytes.length, parts)).toBe(expected !== null)
  if (expected === null) return
  expect(Math.floor(micros(parts) / 1000)).toBe(Date.parse(expected))
  expect(parts.zone?.id).toBe(zone)
})

test.each<[pattern: string, text: string, expected: string | null]>([
  ['M/d/yyyy H:mm', '12/1/2010 8:26', '2010-12-01T08:26:00.000Z'],
  ['M/d/yyyy H:mm', '12/1/2010 8:6', null],
  ['M/d/yyyy H:mm', '12/1/2010 8:26 ', null],
  ['yyyyMMddHHmmss', '20201231235958', '2020-12-31T23:59:58.000Z'],
  ['dd MMM yyyy hh:mm a', '05 Mar 2021 12:30 pm', '2021-03-05T12:30:00.000Z'],
  ["yyyy-MM-dd'T'HH:mm:ss[.SSS]", '2020-01-02T03:04:05', '2020-01-02T03:04:05.000Z'],
  ["yyyy-MM-dd'T'HH:mm:ss[.SSS]", '2020-01-02T03:04:05.25', '2020-01-02T03:04:05.250Z'],
  ['dd.MM.yy', '31.12.99', '2099-12-31T00:00:00.000Z'],
  ['dd.MM.yyyy', '31.02.2020', null],
  ['yyyy-MM-dd hh:mm a', '2020-01-02 13:00 pm', null],
  ['yyyy年MM月dd日', '2020年02月29日', '2020-02-29T00:00:00.000Z'],
])('datetimePattern() %s reads %j', (pattern, text, expected) => {
  const parts = new DatetimeParts()
  const bytes = bytesOf(text)
  expect(datetimePattern(pattern).parseBytes(bytes, 0, bytes.length, parts)).toBe(expected !== null)
  if (expected !== null) expect(micros(parts)).toBe(Date.parse(expected) * 1000)
})

test('datetimePattern() writes what it reads', () => {
  const pattern = datetimePattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX")
  const zone = timeZone('+02:30')
  const text = pattern.format(1_582_934_400_000_001n, zone)
  expect(text).toBe('2020-02-29T02:30:00.000001+02:30')
  const parsed = pattern.parse(text)
  expect(parsed && toInstant(parsed.localMicros, parsed.zone ?? UTC)).toBe(1_582_934_400_000_001n)
})

test.each<[text: string, expected: number | undefined]>([
  ['2020-02-29', 18_321],
  [' 2020-02-29T25:99 and more', 18_321],
  ['2020-02-29x', undefined],
  ['2020', 18_262],
  ['1234567-01-01', 450_196_810],
])('parseDate() of %j', (text, expected) => {
  expect(parseDate(text)).toBe(expected)
})

test('parseTimestamp() refuses what int64 does not hold', () => {
  expect(parseTimestamp('294247-01-01', UTC)).toBe(9_223_371_244_800_000_000n)
  expect(parseTimestamp('294248-01-01', UTC)).toBeUndefined()
})

test.each(['yyyy-b', "yyyy'x", 'yyyy]', '[yyyy'])('datetimePattern() refuses %s', (pattern) => {
  expect(() => datetimePattern(pattern)).toThrow('datetime pattern')
})

test.each(['Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'UTC'])(
  'LocalClock goes as toInstant in %s',
  (id) => {
    const zone = timeZone(id)
    const clock = new LocalClock(zone)
    for (let local = Date.UTC(2021, 2, 1) / 1000; local < Date.UTC(2021, 11, 1) / 1000; local += 1800) {
      expect(BigInt(clock.toInstant(local)) * 1_000_000n).toBe(toInstant(BigInt(local) * 1_000_000n, zone))
    }
  },
)
