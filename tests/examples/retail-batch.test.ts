import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Session } from 'millrace'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { anonymise } from '../../examples/retail/anonymise.ts'
import type { BatchResult } from '../../examples/retail/batch.ts'
import { generateRetail } from '../../examples/retail/generate.ts'
import { readSettings } from '../../examples/retail/settings.ts'
import { summaryOf } from '../../examples/retail/summary.ts'

const SECRET = 'a secret for tests, long enough'
const LINES = 20_000
const MAIN = resolve('dist/examples/retail/main.js')
let folder = ''
let result: BatchResult

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'retail-batch-'))
  result = await run('a', ['--master', 'local[2]', '--lines', String(LINES)])
})

afterAll(() => rm(folder, { recursive: true, force: true }))

describe('the batch job on invented data', () => {
  test('finds exactly the dirt that the generator made', () => {
    const { transactions, activity } = result.inputs.generated!
    const rejected = new Map(
      result.rejected.map(({ source, reason, lines }) => [`${source} ${reason}`, lines]),
    )
    expect(result.figures.lines).toBe(LINES - transactions.corrupt)
    expect(rejected.get('transactions malformed')).toBe(transactions.corrupt)
    expect(rejected.get('transactions missing_customer')).toBe(transactions.missingCustomer)
    expect(result.activityCounts).toEqual({ lines: activity.lines, events: activity.accepted })
    const bad = result.rejected.filter(({ source }) => source === 'activity')
    expect(Object.fromEntries(bad.map(({ reason, lines }) => [reason, lines]))).toEqual({
      not_json: activity.malformedByKind['truncated_json'],
      missing_field: activity.malformedByKind['missing_field'],
      bad_timestamp: activity.malformedByKind['bad_timestamp'],
      empty: activity.malformedByKind['empty'],
      wrong_value: activity.malformedByKind['wrong_type'],
    })
  })

  test('loses no line: accepted and set aside are all that was read', () => {
    const aside = result.rejected.filter(({ source }) => source === 'transactions')
    expect(result.figures.cleanLines + aside.reduce((sum, { lines }) => sum + lines, 0)).toBe(LINES)
  })

  test('answers every definition', async () => {
    const definitions = (await readdir('examples/retail/sql')).filter((file) => file.endsWith('.sql'))
    expect(definitions).toHaveLength(34)
    expect(result.analyses.filter(({ skipped }) => skipped !== undefined)).toEqual([])
    const profile = await answer(result, '000_profile')
    const { transactions: counts } = result.inputs.generated!
    expect(profile[0]).toMatchObject({
      n_rows: String(LINES - counts.corrupt),
      no_customer: String(counts.missingCustomer),
      no_description: String(counts.missingDescription),
      cancel_lines: String(counts.cancelled),
      adjust_lines: String(counts.adjustments),
      negative_qty: String(counts.negativeQuantity),
      zero_price: String(counts.zeroPrice),
      negative_price: String(counts.negativePrice),
      exact_duplicate_rows: String(counts.exactDuplicates),
      untrimmed_description: String(counts.untrimmedDescription),
      lowercase_stockcode: String(counts.lowerCaseCode),
    })
  })

  test('dead letters name file, line, offset and reason', async () => {
    const letters = await query(
      result,
      `SELECT file, line, byte_offset, detail, record FROM dead_letters WHERE reason = 'malformed'`,
    )
    const lines = (await readFile(result.inputs.transactions.path, 'utf8')).split('\n')
    expect(letters.length).toBeGreaterThan(0)
    for (const { file, line, detail, record } of letters) {
      expect(file).toBe(result.inputs.transactions.path)
      expect(lines[Number(line) - 1]).toBe(record)
      expect(detail).not.toBe('')
    }
  })

  test('clean tables hold anonymous users only', async () => {
    const [row] = await query(
      result,
      `SELECT count(DISTINCT CustomerID) AS customers, min(CustomerID) AS first
      FROM transactions
      WHERE UnitPrice > 0 AND Description IS NOT NULL`,
    )
    const users = await query(result, 'SELECT DISTINCT user_id FROM clean_lines')
    expect(users).toHaveLength(Number(row!['customers']))
    expect(users.map(({ user_id }) => user_id)).toContain(anonymise(Number(row!['first']), SECRET))
    for (const { user_id } of users) expect(user_id).toMatch(/^[0-9a-f]{32}$/)
    const purchases = await query(
      result,
      'SELECT count(*) AS n FROM purchases JOIN orders USING (invoice_no, country)',
    )
    expect(Number(purchases[0]!['n'])).toBeGreaterThan(0)
  })

  test('one thread gives the same bytes as two, and a second run the same again', async () => {
    const one = await run('b', ['--master', 'local[1]', '--lines', String(LINES)])
    const again = await run('a', ['--master', 'local[2]', '--lines', String(LINES)])
    for (const { name } of result.analyses) {
      const bytes = await readFile(join(one.folders.results, `${name}.csv`))
      expect(bytes.equals(await readFile(join(again.folders.results, `${name}.csv`))), name).toBe(true)
    }
  })

  test('the summary says how much was accepted and where everything lies', () => {
    const text = summaryOf(result)
    expect(text).toContain('34 of 34')
    expect(text).toContain(result.figures.cleanLines.toLocaleString('en-US'))
    expect(text).toContain(result.folders.results)
  })
})

describe('the batch job on given files', () => {
  test('Latin-1 and CRLF give the same answers; what has no input is skipped with a note', async () => {
    const made = await generateRetail({ seed: 3, lines: 2_000, outDir: join(folder, 'source') })
    const text = await readFile(made.transactions, 'utf8')
    const withPound = text.replaceAll('HEART', 'HEART £')
    await writeFile(join(folder, 'utf8.csv'), withPound)
    await writeFile(join(folder, 'latin1.csv'), Buffer.from(withPound.replaceAll('\n', '\r\n'), 'latin1'))
    const [utf8, latin1] = [
      await run('c', ['--input', join(folder, 'utf8.csv')]),
      await run('d', ['--input', join(folder, 'latin1.csv')]),
    ]
    expect(latin1.inputs.transactions.encoding).toBe('iso-8859-1')
    const skipped = latin1.analyses.filter(({ skipped }) => skipped !== undefined)
    expect(skipped.map(({ skipped }) => skipped)).toEqual(['campaigns', 'activity', 'activity'])
    expect(summaryOf(latin1)).toContain('there is no activity input')
    for (const { name, skipped } of utf8.analyses) {
      if (skipped !== undefined) continue
      const [a, b] = [utf8, latin1].map(({ folders }) => join(folders.results, `${name}.csv`))
      expect(await readFile(b!, 'utf8'), name).toBe(await readFile(a!, 'utf8'))
    }
  })

  test.each([
    [['--input', 'nowhere.csv'], 'input "nowhere.csv" does not exist'],
    [['--input', resolve('package.json')], 'does not begin with the columns'],
    [['--lines', 'many'], '--lines must be a whole number'],
    [['--secret-file', 'nowhere'], 'secret file "nowhere" does not exist'],
    [['--colour', 'red'], "exit code 2: retail: Unknown option '--colour'"],
  ])('%j is an error that says so', async (args, message) => {
    await expect(run('e', args)).rejects.toThrow(message)
  })
})

describe('readSettings()', () => {
  test('flags rule over the environment, .env, the file and the defaults', async () => {
    const at = await mkdtemp(join(folder, 'settings-'))
    const config = { out: 'of-file', seed: 1, lines: 10, memory: '1g' }
    await writeFile(join(at, 'retail.config.json'), JSON.stringify(config))
    await writeFile(join(at, '.env'), '# comment\nMILLRACE_RETAIL_SEED="2"\nMILLRACE_RETAIL_LINES=20\n')
    const environment = { MILLRACE_RETAIL_LINES: '30', MILLRACE_RETAIL_SECRET: SECRET }
    expect(readSettings(['--out', 'of-flag'], { environment, folder: at })).toMatchObject({
      out: 'of-flag',
      lines: 30,
      seed: 2,
      memory: '1g',
      master: 'local[2]',
      secret: SECRET,
      input: undefined,
    })
  })
})

/** Runs the built job as a user does; its summary.json. Rejects with what it wrote to standard error. */
async function run(name: string, args: readonly string[]): Promise<BatchResult> {
  const out = join(folder, name)
  const job = spawn(process.execPath, [MAIN, 'batch', '--out', out, ...args], {
    cwd: folder,
    env: { ...process.env, MILLRACE_RETAIL_SECRET: SECRET, MILLRACE_RETAIL_MEMORY: '256m' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let errors = ''
  job.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  const [status] = await once(job, 'close')
  if (status !== 0) throw new Error(`exit code ${status}: ${errors}`)
  return JSON.parse(await readFile(join(out, 'summary.json'), 'utf8')) as BatchResult
}

async function answer({ folders }: BatchResult, name: string): Promise<Record<string, string>[]> {
  const [header = '', ...rows] = (await readFile(join(folders.results, `${name}.csv`), 'utf8'))
    .trimEnd()
    .split('\n')
  const columns = header.split(',')
  return rows.map((row) => Object.fromEntries(row.split(',').map((value, index) => [columns[index]!, value])))
}

async function query({ folders }: BatchResult, text: string): Promise<readonly Record<string, unknown>[]> {
  const session = new Session({
    master: 'local[1]',
    memory: '128m',
    warehouse: folders.tables,
    timeZone: 'UTC',
  })
  try {
    return await session.execute(text)
  } finally {
    await session.stop()
  }
}
