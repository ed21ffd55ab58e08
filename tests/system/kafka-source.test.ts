import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Session, schema } from '../../driver/index.ts'
import { type Produced, RealKafka } from './kafka/real-kafka.ts'

/** The source against a broker of Kafka 4.3, with records of Kafka's own producer. */
let kafka: RealKafka
beforeAll(async () => {
  kafka = await RealKafka.start()
}, 300_000)
afterAll(async () => await kafka.stop())

let folder: string
let session: Session
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-kafka-test-'))
  session = new Session({ master: 'local[2]', memory: '256m', timeZone: 'UTC', arena: { poison: true } })
})
afterEach(async () => {
  await session.stop()
  expect(session.usedBytes, 'every byte is back').toBe(0)
  rmSync(folder, { recursive: true, force: true })
})

const at = (ms: number): number => 1_700_000_000_000 + ms
const place = (topic: string) => ({ 'kafka.bootstrap.servers': kafka.address, subscribe: topic })

async function raw(topic: string, options = {}): Promise<readonly Record<string, unknown>[]> {
  const rows = session.read
    .format('kafka')
    .options({ ...place(topic), ...options })
    .load()
  const columns = ["decode(key, 'utf-8') AS k", "decode(value, 'utf-8') AS v", 'partition AS p']
  const frame = rows.selectExpr(...columns, 'offset AS o', 'unix_millis(timestamp) AS ms').orderBy('p', 'o')
  return (await frame.collect()) as unknown as Record<string, unknown>[]
}

function records(topic: string, count: number, first = 0): Produced[] {
  return Array.from({ length: count }, (_, index) => {
    const id = first + index
    const country = id % 3 === 0 ? 'FR' : 'DE'
    const value = `{"id": ${id}, "country": "${country}", "note": "${'x'.repeat(id % 150)}"}`
    return { topic, partition: id % 2, key: id % 5 === 0 ? null : `k${id}`, value, timestampMs: at(id) }
  })
}

describe('records', () => {
  test('come back as they were, whatever they are compressed with', async () => {
    const lines: (Produced | string)[] = ['!topic codecs 2']
    const all: Produced[] = []
    for (const codec of ['none', 'gzip', 'snappy', 'lz4']) {
      const own = records('codecs', 600, all.length)
      all.push(...own)
      lines.push(`!codec ${codec}`, ...own)
    }
    const odd: Produced[] = [null, '', 'two\nlines\n', 'né'].map((value, index) => {
      return { topic: 'codecs', partition: 1, key: '', value, timestampMs: at(index) }
    })
    kafka.produce([...lines, ...odd])
    const byPartition = [0, 1].flatMap((p) =>
      [...all, ...odd]
        .filter(({ partition }) => partition === p)
        .map(({ key, value, timestampMs }, o) => ({ k: key, v: value, p, o, ms: timestampMs })),
    )
    expect(await raw('codecs')).toEqual(byPartition)
    const some = await raw('codecs', {
      startingOffsets: '{"codecs":{"0":890,"1":-1}}',
      endingOffsets: '{"codecs/0":910}',
    })
    expect(some).toEqual(byPartition.slice(890, 910))
  })

  test('of transactions count when they are committed', async () => {
    const one = (value: string): Produced => {
      return { topic: 'bank', partition: 0, key: null, value, timestampMs: at(0) }
    }
    const first = ['!topic bank 1', '!codec none', one('plain'), '!begin t', one('a'), one('b'), '!commit']
    kafka.produce([...first, '!begin t', one('lost'), '!abort', '!begin t', one('c'), '!commit'])
    const committed = await raw('bank')
    expect(committed.map(({ v, o }) => [v, o])).toEqual([
      ['plain', 0],
      ['a', 1],
      ['b', 2],
      ['c', 6],
    ])
    const all = await raw('bank', { 'kafka.isolation.level': 'read_uncommitted' })
    expect(all.map(({ v }) => v)).toEqual(['plain', 'a', 'b', 'lost', 'c'])
  })
})

describe('a stream', () => {
  const sales = schema({ id: 'int', country: 'string' })
  async function drain(options = {}): Promise<number> {
    const query = await session.readStream
      .format('kafka')
      .options({ ...place('sales'), valueFormat: 'json', startingOffsets: 'earliest' })
      .options({ deadLetterPath: join(folder, 'dead'), ...options })
      .schema(sales)
      .load()
      .writeStream.format('json')
      .option('checkpointLocation', join(folder, 'checkpoint'))
      .trigger({ availableNow: true })
      .start(join(folder, 'out'))
    await query.awaitTermination()
    return query.lastProgress?.batchId ?? -1
  }
  const ids = async (): Promise<readonly number[]> => {
    const rows = await session.read.json(join(folder, 'out')).orderBy('id').collect()
    return rows.map(({ id }) => Number(id))
  }

  test('gives each record once, goes on after a restart, and sets aside what is no JSON', async () => {
    const bad = ['{"id": ', '', null, '{"id": "x"}', new Uint8Array([0xff, 0xfe, 0x7b])]
    const odd = bad.map((value): Produced => {
      return { topic: 'sales', partition: 0, key: 'odd', value, timestampMs: at(0) }
    })
    kafka.produce(['!topic sales 2', '!codec lz4', ...records('sales', 3000), ...odd])
    expect(await drain({ maxOffsetsPerTrigger: '1000' })).toBeGreaterThan(1)
    expect(await ids()).toEqual(Array.from({ length: 3000 }, (_, id) => id))
    const path = join(folder, 'dead', 'topic=sales')
    const letters = readdirSync(path).flatMap((file) => {
      const lines = readFileSync(join(path, file), 'utf8').trimEnd().split('\n')
      return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    })
    expect(letters.map(({ offset }) => Number(offset)).toSorted((a, b) => a - b)).toEqual(
      bad.map((_, index) => 1500 + index),
    )
    kafka.produce(['!codec none', ...records('sales', 500, 3000)])
    await drain()
    expect(await ids()).toEqual(Array.from({ length: 3500 }, (_, id) => id))
  })
})

describe('errors', () => {
  test('say which broker cannot be reached', async () => {
    const options = { 'kafka.bootstrap.servers': '127.0.0.1:1', 'kafka.request.timeout.ms': '300' }
    await expect(raw('codecs', options)).rejects.toMatchObject({
      code: 'BROKER_UNREACHABLE',
      message: expect.stringContaining('127.0.0.1:1') as string,
    })
  })

  test('name topics that are near, and offsets that are gone', async () => {
    await expect(raw('codex')).rejects.toMatchObject({ code: 'NOT_FOUND', hint: 'Did you mean "codecs"?' })
    const gone = { startingOffsets: '{"bank/0":100}', endingOffsets: '{"bank/0":101}' }
    await expect(raw('bank', gone)).rejects.toMatchObject({ code: 'KAFKA_DATA_LOSS' })
    expect(await raw('bank', { ...gone, failOnDataLoss: 'false' })).toEqual([])
  })
})
