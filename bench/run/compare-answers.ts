import type { EngineReply } from './engine-process.ts'

type Rows = NonNullable<EngineReply['rows']>

const RELATIVE = 1e-6
/** Some engines cut the average of a decimal after six digits. */
const ABSOLUTE = 2e-6

/**
 * Null when two answers agree, else where they do not. Numbers agree to a part in a million, because
 * averages have other types elsewhere; rows may come in any order unless `ordered`, and then those that are
 * equal in what they are ordered by.
 */
export function difference(ours: EngineReply, theirs: EngineReply, ordered: boolean): string | null {
  if (ours.rows !== undefined && theirs.rows !== undefined)
    return differenceOfRows(ours.rows, theirs.rows, ordered)
  if (ours.count !== theirs.count) return `${ours.count} rows, not ${theirs.count}`
  const [a, b] = [ours.sum ?? null, theirs.sum ?? null]
  return sameValue(a === null ? null : String(a), b === null ? null : String(b))
    ? null
    : `the sum is ${a}, not ${b}`
}

function differenceOfRows(ours: Rows, theirs: Rows, ordered: boolean): string | null {
  if (ours.length !== theirs.length) return `${ours.length} rows, not ${theirs.length}`
  if (ordered) {
    const inPlace = firstDifference(ours, theirs)
    if (inPlace === null || !areSortedAlike(ours, theirs)) return inPlace
  }
  return firstDifference(inOneOrder(ours), inOneOrder(theirs))
}

function firstDifference(a: Rows, b: Rows): string | null {
  const at = a.findIndex((row, index) => !sameRow(row, b[index]!))
  return at < 0 ? null : `row ${at + 1} is ${JSON.stringify(a[at])}, not ${JSON.stringify(b[at])}`
}

/**
 * Whether a column, the one that the same rows are ordered by first, has the same values in the same order.
 */
function areSortedAlike(a: Rows, b: Rows): boolean {
  const columns = a[0]?.keys() ?? []
  return [...columns].some((column) => a.every((row, index) => sameValue(row[column]!, b[index]![column]!)))
}

/** By texts first, then by numbers, so that the last digits of a number seldom decide. */
function inOneOrder(rows: Rows): Rows {
  const keyed = rows.map((row) => ({
    row,
    texts: row.filter((value) => !isNumber(value)).join('\u0000'),
    numbers: row.filter(isNumber).map(Number),
  }))
  keyed.sort((a, b) => {
    if (a.texts !== b.texts) return a.texts < b.texts ? -1 : 1
    const at = a.numbers.findIndex((number, index) => !sameNumber(number, b.numbers[index] ?? Number.NaN))
    return at < 0 ? 0 : a.numbers[at]! - b.numbers[at]!
  })
  return keyed.map(({ row }) => row)
}

function sameRow(a: Rows[number], b: Rows[number]): boolean {
  return a.length === b.length && a.every((value, column) => sameValue(value, b[column]!))
}

function sameValue(a: string | null, b: string | null): boolean {
  if (a === b || a === null || b === null) return a === b
  if (isNumber(a) && isNumber(b)) return sameNumber(Number(a), Number(b))
  // A date may come with a time of day.
  return a.replace(/[ T]00:00:00$/, '') === b.replace(/[ T]00:00:00$/, '')
}

function sameNumber(a: number, b: number): boolean {
  return a === b || Math.abs(a - b) <= Math.max(ABSOLUTE, RELATIVE * Math.max(Math.abs(a), Math.abs(b)))
}

function isNumber(value: string | null): value is string {
  return value !== null && value !== '' && Number.isFinite(Number(value))
}
