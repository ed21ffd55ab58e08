import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'

const MAIN = join(import.meta.dirname, '../../dist/examples/retail/main.js')
const KILLS = process.env['MILLRACE_TEST_FULL'] === '1' ? 100 : 10

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-live-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const environment = { ...process.env, MILLRACE_RETAIL_SECRET: 'a secret of the tests, long enough' }
const streamArgs = (): string[] => {
  const places = ['--from', join(folder, 'log'), '--out', join(folder, 'out')]
  return [MAIN, 'stream', ...places, '--once', '--batch-rows', '400']
}

/** Sales over ten hours, a click for each, with duplicates, late and malformed records in known numbers. */
function makeEvents(count: number) {
  const lines: string[] = []
  const put = (topic: string, key: string, value: string | Buffer): void => {
    const body = typeof value === 'string' ? { value } : { value_b64: value.toString('base64') }
    lines.push(JSON.stringify({ seq: lines.length, topic, key, offset_ms: lines.length, ...body }))
  }
  const time = (second: number): string =>
    new Date(Date.UTC(2011, 8, 1, 8) + 1000 * second).toISOString().slice(0, 19).replace('T', ' ')
  let thousandths = 0
  let items = 0
  for (let i = 0; i < count; i++) {
    const isReturn = i % 9 === 4
    const sale = {
      invoice_no: i,
      country: ['France', 'Spain', 'EIRE'][i % 3],
      timestamp: time(i % 50 === 49 ? Math.max(0, 12 * i - 800) : 12 * i),
      type: isReturn ? 'RETURN' : 'ORDER',
      customer_id: i % 4 === 0 ? null : 12_000 + (i % 100),
      items: [{ SKU: 'A1', title: 'é', unit_price: (i % 77) / 8, quantity: 1 + (i % 5) }],
    }
    thousandths += (isReturn ? -1 : 1) * Math.round(((i % 77) / 8) * 1000) * (1 + (i % 5))
    items += 1 + (i % 5)
    put('sales', `s-${i}`, JSON.stringify(sale))
    if (i % 20 === 19) put('sales', `s-${i - 7}`, JSON.stringify({ ...sale, invoice_no: i - 7 }))
    const click = {
      event_id: `c-${i}`,
      user_id: i,
      session_id: 's',
      event_type: 'view',
      sku: null,
      invoice_no: null,
      country: 'France',
      device: 'mobile',
      campaign: null,
      timestamp: time(12 * i),
    }
    put('clickstream', `c-${i}`, JSON.stringify(click))
    const bad = [
      '{"invoice_no":',
      '',
      JSON.stringify({ ...sale, timestamp: '31/02/2011 25:61' }),
      Buffer.from([0xff]),
    ]
    if (i % 25 === 24) put('sales', `bad-${i}`, bad[((i / 25) % 4) | 0]!)
  }
  writeFileSync(join(folder, 'events.jsonl'), `${lines.join('\n')}\n`)
  const [duplicates, malformed] = [Math.floor(count / 20), Math.floor(count / 25)]
  return { read: lines.length, accepted: 2 * count, duplicates, malformed, thousandths, items }
}

function produce(): void {
  const args = [MAIN, 'produce', '--replay', join(folder, 'events.jsonl'), '--out', join(folder, 'log')]
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env: environment })
  expect(stderr).toBe('')
  expect(status).toBe(0)
}

function linesOf(table: string): readonly Record<string, unknown>[] {
  const path = join(folder, 'out', table)
  return readdirSync(path)
    .filter((name) => name.startsWith('part-'))
    .flatMap((name) => readFileSync(join(path, name), 'utf8').trimEnd().split('\n'))
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

function checkAll(expected: ReturnType<typeof makeEvents>): void {
  const { total, topics } = JSON.parse(readFileSync(join(folder, 'out', 'counts.json'), 'utf8'))
  const salesVolume = (expected.thousandths / 1000).toFixed(3)
  expect(total).toMatchObject({
    read: expected.read,
    accepted: expected.accepted,
    duplicates: expected.duplicates,
    deadLettered: expected.malformed,
    salesVolume,
    items: expected.items,
  })
  const figures = linesOf('kpi_by_minute')
  const windows = new Set(figures.map((row) => row['window_start']))
  expect(windows.size, 'every window once').toBe(figures.length)
  const orders = figures.reduce((sum, { OPM }) => sum + Number(OPM), 0)
  expect(orders + topics.sales.late, 'figures and late records').toBe(expected.accepted / 2)
}

test('draining gives every record once: tables, figures and counts', () => {
  const expected = makeEvents(2000)
  produce()
  const { status, stderr } = spawnSync(process.execPath, streamArgs(), { encoding: 'utf8', env: environment })
  expect(stderr).toBe('')
  expect(status).toBe(0)
  checkAll(expected)
  const { topics } = JSON.parse(readFileSync(join(folder, 'out', 'counts.json'), 'utf8'))
  expect(topics.sales.late, 'some records come after their window has closed').toBeGreaterThan(0)
  const clean = readdirSync(join(folder, 'out', 'clean'))
  expect(clean).toEqual(expect.arrayContaining(['topic=clickstream', 'topic=sales']))
})

test('invented events are the same for the same seed, and what the manifest says is found', () => {
  const make = (name: string): void => {
    const args = [MAIN, 'produce', '--events', '4000', '--seed', '3', '--out', join(folder, name)]
    expect(spawnSync(process.execPath, args, { encoding: 'utf8', env: environment }).status).toBe(0)
  }
  make('log')
  make('again')
  const read = (name: string): Buffer => readFileSync(join(folder, name, 'manifest.json'))
  expect(read('again').equals(read('log'))).toBe(true)
  expect(spawnSync(process.execPath, streamArgs(), { env: environment, stdio: 'inherit' }).status).toBe(0)
  const manifest = JSON.parse(read('log').toString())
  const { total, topics } = JSON.parse(readFileSync(join(folder, 'out', 'counts.json'), 'utf8'))
  expect(total).toMatchObject({
    read: 4000,
    accepted: manifest.unique_valid,
    duplicates: manifest.duplicates,
    deadLettered: manifest.malformed,
    salesVolume: manifest.sales.total_sales_volume,
    items: manifest.sales.total_items,
  })
  for (const [topic, unique] of Object.entries(manifest.unique_by_topic))
    expect(topics[topic].accepted, topic).toBe(unique)
})

test(`nothing is lost or doubled over ${KILLS} kills`, async () => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
  console.log(`seed ${seed}`)
  let state = seed
  const random = (): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff
    return state / 0x7fff_ffff
  }
  const expected = makeEvents(2000)
  produce()
  const phases: Record<string, number> = {}
  let kills = 0
  for (let tries = 0; kills < KILLS && tries < 4 * KILLS; tries++) {
    const child = spawn(process.execPath, streamArgs(), { env: environment, stdio: 'ignore' })
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    // Not before it has begun, and then at a moment that differs each time.
    const outcome = await Promise.race([ended.then(() => 'ended'), hasBegun(child, random() * 1500)])
    if (outcome === 'ended') break
    const phase = phaseNow()
    phases[phase] = (phases[phase] ?? 0) + 1
    child.kill('SIGKILL')
    await ended
    kills++
  }
  console.log(`kills ${kills}, by what was under way: ${JSON.stringify(phases)}`)
  expect(kills).toBeGreaterThan(0)
  const { status } = spawnSync(process.execPath, streamArgs(), { env: environment, stdio: 'inherit' })
  expect(status).toBe(0)
  checkAll(expected)
})

/** Some batch more than before is logged, or the time is over. */
async function hasBegun(child: ChildProcess, afterMs: number): Promise<string> {
  const count = (): number => batches('offsets')
  const before = count()
  for (let waited = 0; waited < 20_000 && count() === before && child.exitCode === null; waited += 20)
    await sleep(20)
  await sleep(afterMs)
  return 'begun'
}

function batches(kind: string): number {
  const path = join(folder, 'out', 'checkpoints')
  if (!existsSync(path)) return 0
  return readdirSync(path).reduce((sum, query) => {
    const records = join(path, query, kind)
    return sum + (existsSync(records) ? readdirSync(records).length : 0)
  }, 0)
}

/** Whether some batch is logged and not yet over, and whether rows lie where readers do not look. */
function phaseNow(): string {
  if (batches('offsets') === batches('commits')) return 'between batches'
  const tables = readdirSync(join(folder, 'out')).map((name) => join(folder, 'out', name, '_temporary'))
  return tables.some((path) => existsSync(path)) ? 'rows being written' : 'batch logged'
}
