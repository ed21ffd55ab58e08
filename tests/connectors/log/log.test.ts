import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { LogWriter } from '../../../connectors/log/index.ts'
import { Session, schema } from '../../../driver/index.ts'

let folder: string
let session: Session
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-log-'))
  session = new Session({ master: 'local[2]', memory: '256m', timeZone: 'UTC', arena: { poison: true } })
})
afterEach(async () => {
  await session.stop()
  expect(session.usedBytes, 'every byte is back').toBe(0)
  rmSync(folder, { recursive: true, force: true })
})

const at = (ms: number): number => 1_700_000_000_000 + ms

function write(values: readonly (string | Uint8Array)[], options = {}): void {
  const writer = new LogWriter(folder, options)
  values.forEach((value, index) => {
    writer.append('sales', { key: index % 2 === 0 ? `k${index}` : null, value, timestampMs: at(index) })
  })
  writer.close()
}

async function raw(): Promise<readonly Record<string, unknown>[]> {
  const rows = session.read.format('log').option('path', folder).option('topic', 'sales').load()
  const columns = ["decode(key, 'utf-8') AS k", "decode(value, 'utf-8') AS v", 'topic', 'partition', 'offset']
  const frame = rows.selectExpr(...columns, 'unix_millis(timestamp) AS ms').orderBy('partition', 'offset')
  return (await frame.collect()) as unknown as Record<string, unknown>[]
}

const segment = (): string => {
  const path = join(folder, 'sales', '0')
  return join(path, readdirSync(path).sort().at(-1)!)
}

describe('records', () => {
  test('come back as they were, with key, offset and time', async () => {
    write(['one', '', 'three\nlines\r\n', 'né'])
    expect(await raw()).toEqual(
      [
        ['k0', 'one'],
        [null, ''],
        ['k2', 'three\nlines\r\n'],
        [null, 'né'],
      ].map(([k, v], index) => {
        return { k, v, topic: 'sales', partition: 0, offset: index, ms: at(index) }
      }),
    )
  })

  test('of one key are in one partition, in order, over many segments', async () => {
    const writer = new LogWriter(folder, { partitions: 3, segmentBytes: 2000, batchBytes: 300 })
    for (let i = 0; i < 500; i++) writer.append('sales', { key: `k${i % 7}`, value: String(i) })
    writer.close()
    const rows = await raw()
    expect(rows.length).toBe(500)
    for (let key = 0; key < 7; key++) {
      const own = rows.filter(({ k }) => k === `k${key}`)
      expect(new Set(own.map(({ partition }) => partition)).size).toBe(1)
      expect(own.map(({ v }) => Number(v) % 7)).toEqual(own.map(() => key))
      expect(own.map(({ v }) => Number(v))).toEqual(own.map(({ v }) => Number(v)).toSorted((a, b) => a - b))
    }
    expect(readdirSync(join(folder, 'sales', '0')).length).toBeGreaterThan(1)
  })
})

describe('a torn end', () => {
  test.each([
    ['cut within the last batch', (path: string) => truncateSync(path, statSync(path).size - 5)],
    ['followed by half a header', (path: string) => appendFileSync(path, Buffer.from('MLG1\x01\x02'))],
    ['followed by other bytes', (path: string) => appendFileSync(path, Buffer.alloc(100, 7))],
    [
      'whose last batch has another checksum',
      (path: string) => {
        const bytes = readFileSync(path)
        bytes[bytes.length - 9]! ^= 1
        writeFileSync(path, bytes)
      },
    ],
  ])('%s is cut off by the next writer, which goes on there', async (_name, damage) => {
    write(['a', 'b'])
    const before = statSync(segment()).size
    write(['c', 'd'])
    damage(segment())
    const kept = _name.startsWith('followed') ? 4 : 2
    write(['e'])
    if (kept === 2) expect(statSync(segment()).size).toBeLessThan(2 * before)
    const rows = await raw()
    expect(rows.map(({ v }) => v)).toEqual(kept === 4 ? ['a', 'b', 'c', 'd', 'e'] : ['a', 'b', 'e'])
    expect(rows.map(({ offset }) => Number(offset))).toEqual(rows.map((_row, index) => index))
  })

  test('of a log that is read meanwhile is not there yet', async () => {
    write(['a', 'b'])
    appendFileSync(segment(), readFileSync(segment()).subarray(0, 50))
    expect((await raw()).map(({ v }) => v)).toEqual(['a', 'b'])
  })

  test('damage in the middle is an error with the place', async () => {
    write(['a', 'b'])
    write(['c', 'd'])
    const bytes = readFileSync(segment())
    bytes[60]! ^= 1
    writeFileSync(segment(), bytes)
    await expect(raw()).rejects.toThrow(/is damaged at byte 0/)
  })
})

test('a log has one writer; the lock of a process that is gone is taken over', () => {
  const writer = new LogWriter(folder)
  expect(() => new LogWriter(folder)).toThrow(/writes log .* already/)
  writer.close()
  writeFileSync(join(folder, 'writer.pid'), '999999999')
  new LogWriter(folder).close()
  expect(existsSync(join(folder, 'writer.pid'))).toBe(false)
})

describe('JSON values', () => {
  const sales = schema({ id: 'int', country: 'string' })
  const stream = () =>
    session.readStream
      .format('log')
      .options({ path: folder, topic: 'sales', valueFormat: 'json', deadLetterPath: join(folder, 'dead') })
      .schema(sales)
      .load()

  async function drained(): Promise<readonly Record<string, unknown>[]> {
    const query = await stream()
      .writeStream.format('memory')
      .queryName('out')
      .option('checkpointLocation', join(folder, 'checkpoint'))
      .trigger({ availableNow: true })
      .start()
    await query.awaitTermination()
    return await session.execute('SELECT id, country, _partition AS p, _offset AS o FROM out ORDER BY o')
  }

  test('become columns; what does not parse goes to dead letters with its offset and reason', async () => {
    write([
      '{"id": 1, "country": "FR"}',
      '{"id": ',
      '',
      '  ',
      '{"id": "x"}',
      '{\n"id": 2,\n"country": "DE"}',
      new Uint8Array([0xff, 0xfe, 0x7b]),
      '{"country": "IT", "id": 3}',
    ])
    expect(await drained()).toEqual([
      { id: 1, country: 'FR', p: 0, o: 0 },
      { id: 2, country: 'DE', p: 0, o: 5 },
      { id: 3, country: 'IT', p: 0, o: 7 },
    ])
    const path = join(folder, 'dead', 'topic=sales')
    const letters = readdirSync(path).flatMap((file) => {
      const lines = readFileSync(join(path, file), 'utf8').trimEnd().split('\n')
      return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    })
    expect(letters.map(({ offset }) => offset).sort()).toEqual([1, 2, 3, 4, 6])
    const byOffset = new Map(letters.map((letter) => [letter['offset'], letter]))
    expect(byOffset.get(2)).toMatchObject({ reason: 'the record is empty', value: '' })
    expect(byOffset.get(6)).toMatchObject({ value_b64: '//57' })
    expect(byOffset.get(1)).toMatchObject({ topic: 'sales', partition: 0, value: '{"id": ' })
  })

  test('a stream goes on where it was, also in the middle of a batch of the log', async () => {
    write(Array.from({ length: 100 }, (_, id) => `{"id": ${id}, "country": "FR"}`))
    const limited = () =>
      stream().writeStream.format('json').option('checkpointLocation', join(folder, 'checkpoint'))
    const once = async (): Promise<number> => {
      const query = await limited().trigger({ once: true }).start(join(folder, 'out'))
      await query.awaitTermination()
      return query.lastProgress!.outcome.rowsIn
    }
    expect(await once()).toBe(100)
    write(Array.from({ length: 7 }, (_, id) => `{"id": ${100 + id}, "country": "DE"}`))
    expect(await once()).toBe(7)
    const rows = await session.read.json(join(folder, 'out')).orderBy('id').collect()
    expect(rows.map(({ id }) => Number(id))).toEqual(Array.from({ length: 107 }, (_, id) => id))
  })
})

test('a topic that is not there is named, with those that are', async () => {
  write(['a'])
  const missing = session.read.format('log').option('path', folder).option('topic', 'salse').load()
  await expect(missing.collect()).rejects.toThrow('topic "salse" does not exist')
})
