import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type GeneratedRetail, generateRetail } from '../../examples/retail/generate.ts'

const LINES = 120_000
const CSV_FIELD = /("(?:[^"]|"")*"|[^,]*)(?:,|$)/gy
let folder = ''
let retail: GeneratedRetail
let rows: string[][] = []
let corrupt: string[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'retail-generator-'))
  retail = await generateRetail({ seed: 7, lines: LINES, outDir: join(folder, 'a') })
  const lines = (await readLines(retail.transactions)).slice(1)
  const parsed = lines.map((line) => ({ line, fields: parseRow(line) }))
  rows = parsed.filter(({ fields }) => isWellFormed(fields)).map(({ fields }) => fields)
  corrupt = parsed.filter(({ fields }) => !isWellFormed(fields)).map(({ line }) => line)
})

afterAll(() => rm(folder, { recursive: true, force: true }))

describe('generateRetail() is deterministic', () => {
  test('the same seed and size give the same bytes, another seed gives others', async () => {
    const options = { seed: 11, lines: 3_000 }
    const first = await digest(await generateRetail({ ...options, outDir: join(folder, 'b') }))
    const second = await digest(await generateRetail({ ...options, outDir: join(folder, 'c') }))
    const other = await digest(await generateRetail({ ...options, seed: 12, outDir: join(folder, 'd') }))
    expect(second).toBe(first)
    expect(other).not.toBe(first)
    expect(first).toBe('b9d0a7f1cc1a88d7cdefeecbfbacf60e21b6a72c1e70cc49b748a4246f082f72')
  })

  test.each([0, 1, 2, 700])('%i lines are exactly so many', async (lines) => {
    const made = await generateRetail({ seed: 3, lines, outDir: join(folder, `n${lines}`) })
    expect(await readLines(made.transactions)).toHaveLength(lines + 1)
    expect(made.counts.transactions.lines).toBe(lines)
  })
})

describe('transactions', () => {
  test('the counts are those of the file', () => {
    const { transactions: counts } = retail.counts
    const count = (matches: (row: string[]) => boolean): number => rows.filter(matches).length
    expect(rows.length + corrupt.length).toBe(LINES)
    expect({
      corrupt: corrupt.length,
      missingCustomer: count((row) => row[6] === ''),
      missingDescription: count((row) => row[2] === ''),
      cancelled: count((row) => row[0]!.startsWith('C')),
      adjustments: count((row) => row[0]!.startsWith('A')),
      negativePrice: count((row) => Number(row[5]) < 0),
      negativeQuantity: count((row) => Number(row[3]) < 0),
      negativeNotCancelled: count((row) => Number(row[3]) < 0 && !row[0]!.startsWith('C')),
      zeroPrice: count((row) => Number(row[5]) === 0),
      exactDuplicates: rows.length - new Set(rows.map((row) => row.join('\u0000'))).size,
      untrimmedDescription: count((row) => row[2] !== row[2]!.trim()),
      lowerCaseCode: count((row) => row[1] !== row[1]!.toUpperCase()),
    }).toEqual({ ...counts, lines: undefined, corruptByKind: undefined })
    expect(Object.values(counts.corruptByKind).reduce((sum, n) => sum + n, 0)).toBe(counts.corrupt)
    expect(Math.min(...Object.values(counts.corruptByKind))).toBeGreaterThan(0)
  })

  // Shares of the real data, in lines of a hundred.
  test.each([
    ['missingCustomer', 24.9],
    ['missingDescription', 0.268],
    ['cancelled', 1.71],
    ['negativeQuantity', 1.96],
    ['negativeNotCancelled', 0.247],
    ['zeroPrice', 0.464],
    ['exactDuplicates', 0.972],
    ['untrimmedDescription', 20.9],
    ['lowerCaseCode', 0.365],
  ] as const)('%s is about as frequent as in the real data', (name, percent) => {
    const share = (100 * retail.counts.transactions[name]) / LINES
    expect(share / percent).toBeGreaterThan(0.6)
    expect(share / percent).toBeLessThan(1.6)
  })

  test('invoices are in order of time, from the first day of the year to the last', () => {
    const times = rows.map((row) => Date.parse(`${row[4]} UTC`))
    const starts = new Map<string, number>()
    for (const [index, row] of rows.entries()) {
      if (!starts.has(row[0]!)) starts.set(row[0]!, times[index]!)
    }
    const ordered = [...starts.values()]
    expect(ordered).toEqual(ordered.toSorted((a, b) => a - b))
    expect(new Date(times[0]!).toISOString().slice(0, 10)).toBe('2010-12-01')
    expect(new Date(times.at(-1)!).toISOString().slice(0, 10)).toBe('2011-12-09')
    expect(new Set(times.map((time) => new Date(time).toISOString().slice(0, 7))).size).toBe(13)
  })

  test('an invoice has one customer and one country at most', () => {
    const owners = new Map(rows.map((row) => [row[0], `${row[6]} ${row[7]}`]))
    expect(rows.filter((row) => owners.get(row[0]) !== `${row[6]} ${row[7]}`)).toEqual([])
  })
})

describe('streams', () => {
  const isTime = (text: unknown): boolean => typeof text === 'string' && !Number.isNaN(Date.parse(`${text}Z`))

  test('activity: the counts are those of the file, and purchases lead to orders', async () => {
    const { accepted, others } = await readStream(retail.activity, (event) =>
      isTime(event['timestamp']) && Number.isInteger(event['user_id'])
        ? String(event['event_id'])
        : undefined,
    )
    const { counts } = retail
    expect(accepted.length).toBe(counts.activity.accepted)
    expect(others).toEqual({ duplicates: counts.activity.duplicates, malformed: counts.activity.malformed })
    const orders = new Set(rows.map((row) => `${row[0]} ${row[7]}`))
    const purchases = accepted.filter((event) => event['event_type'] === 'purchase')
    expect(purchases.length).toBeGreaterThan(500)
    const lost = purchases.filter((event) => !orders.has(`${event['invoice_no']} ${event['country']}`))
    expect(lost.length).toBeLessThan(3) // An order whose only line is corrupt cannot be found.
    const sessions = new Set(accepted.map((event) => event['session_id']))
    expect(purchases.length / sessions.size).toBeCloseTo(0.1547, 2)
  })

  test('inventory: the counts are those of the file, with every reason', async () => {
    const { accepted, others } = await readStream(retail.inventory, (event) =>
      isTime(event['timestamp']) && Number.isInteger(event['delta']) ? String(event['update_id']) : undefined,
    )
    const { counts } = retail
    expect(accepted.length).toBe(counts.inventory.accepted)
    expect(others).toEqual({ duplicates: counts.inventory.duplicates, malformed: counts.inventory.malformed })
    const reasons = new Set(accepted.map((event) => event['reason']))
    expect([...reasons].sort()).toEqual(['FOUND', 'PRODUCT_UPDATE', 'RESTOCK', 'SALE', 'WRITE_OFF'])
  })
})

test('campaigns: every redemption is by a household that its campaign reached', async () => {
  const [descriptions, campaigns, redemptions] = await Promise.all(
    ['campaign_descriptions', 'campaigns', 'coupon_redemptions'].map(async (name) =>
      (await readLines(join(retail.campaigns, `${name}.csv`))).slice(1).map((line) => line.split(',')),
    ),
  )
  expect(descriptions).toHaveLength(27)
  const reached = new Set(campaigns!.map(([campaign, household]) => `${campaign} ${household}`))
  expect(reached.size).toBe(campaigns!.length)
  expect(redemptions!.length).toBeGreaterThan(300)
  expect(redemptions!.filter(([household, , campaign]) => !reached.has(`${campaign} ${household}`))).toEqual(
    [],
  )
})

async function readLines(path: string): Promise<string[]> {
  return (await readFile(path, 'utf8')).replace(/\n$/, '').split('\n')
}

function parseRow(line: string): string[] {
  const fields: string[] = []
  CSV_FIELD.lastIndex = 0
  for (let match = CSV_FIELD.exec(line); match !== null; match = CSV_FIELD.exec(line)) {
    fields.push(match[1]!.startsWith('"') ? match[1]!.slice(1, -1).replaceAll('""', '"') : match[1]!)
    if (!match[0].endsWith(',')) break
  }
  return fields
}

function isWellFormed(fields: string[]): boolean {
  return (
    fields.length === 8 &&
    /^-?\d+$/.test(fields[3]!) &&
    /^\d{1,2}\/\d{1,2}\/\d{4} \d{1,2}:\d{2}$/.test(fields[4]!) &&
    !Number.isNaN(Date.parse(`${fields[4]} UTC`)) &&
    /^-?\d+(\.\d+)?$/.test(fields[5]!)
  )
}

/** `keyOf` gives undefined for a record that is not valid. */
async function readStream(
  path: string,
  keyOf: (event: { [field: string]: unknown }) => string | undefined,
): Promise<{ accepted: { [field: string]: unknown }[]; others: { duplicates: number; malformed: number } }> {
  const byKey = new Map<string, { [field: string]: unknown }>()
  const others = { duplicates: 0, malformed: 0 }
  for (const line of await readLines(path)) {
    const event = tryParse(line)
    const key = event === undefined ? undefined : keyOf(event)
    if (event === undefined || key === undefined) others.malformed++
    else if (byKey.has(key)) others.duplicates++
    else byKey.set(key, event)
  }
  return { accepted: [...byKey.values()], others }
}

function tryParse(line: string): { [field: string]: unknown } | undefined {
  try {
    // An object, or parsing has failed: arrays are not written.
    return JSON.parse(line) as { [field: string]: unknown }
  } catch {
    return undefined
  }
}

async function digest(made: GeneratedRetail): Promise<string> {
  const hash = createHash('sha256')
  for (const path of [
    made.transactions,
    made.activity,
    made.inventory,
    join(made.campaigns, 'coupon_redemptions.csv'),
  ]) {
    hash.update(await readFile(path))
  }
  return hash.digest('hex')
}
