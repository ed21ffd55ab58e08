import { expect, test } from 'vitest'
import {
  dictionaryVector,
  type FlatVector,
  SpillReader,
  SpillWriter,
  type Vector,
  vectorBuilder,
} from '../../../engine/batch/index.ts'
import { EngineError } from '../../../engine/errors.ts'
import { MemoryPool } from '../../../engine/memory/index.ts'
import {
  ChunkReader,
  ChunkWriter,
  type ReceivedRows,
  type ShuffleBlock,
  type TaggedBlock,
} from '../../../engine/shuffle/index.ts'
import { types } from '../../../engine/types/index.ts'
import { crc32cTwin } from '../kernels/twins/crc32c.ts'
import { randomFrom } from '../kernels/twins/random.ts'
import { type Chance, randomBatch, randomType, valuesOf } from './random-batch.ts'

const ROUNDS = process.env['MILLRACE_TEST_FULL'] === '1' ? 60 : 12
const SEED = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e9))

/** A stream as it was sent: chunks in ordinary memory, as they come from a socket. */
interface Sent {
  readonly chunks: Uint8Array[]
  readonly rows: unknown[]
}

interface Form {
  readonly compress: boolean
  readonly bodyBytes: number
  readonly spilled: boolean
}

const FORMS: readonly Form[] = [
  { compress: false, bodyBytes: 1 << 20, spilled: false },
  { compress: true, bodyBytes: 1 << 20, spilled: false },
  { compress: false, bodyBytes: 1 << 12, spilled: true },
  { compress: true, bodyBytes: 1 << 14, spilled: true },
  { compress: true, bodyBytes: 1 << 12, spilled: false },
]

/** Sends random blocks of several ranges; gives the chunks and the rows. */
function send(pool: MemoryPool, chance: Chance, form: Form, mostRows: number): Sent {
  const { random, region } = chance
  const columnTypes = Array.from({ length: 1 + Math.floor(random() * 5) }, () => randomType(chance))
  const spill = new SpillWriter(pool.spill.createFile(1), pool.createRegion(), () => {})
  const rows: unknown[] = []
  const blocks: TaggedBlock[] = []
  const dictionaries: (FlatVector | undefined)[] = []
  for (let range = 0; range < 4; range++)
    for (let partition = 0; random() < 0.7; partition++) {
      const batch = randomBatch(chance, columnTypes, Math.floor(random() * mostRows), dictionaries)
      rows.push({ range, partition, values: valuesOf(batch) })
      const block: ShuffleBlock =
        form.spilled && random() < 0.6 ? { ...spill.write(batch), tables: spill.tables } : batch
      blocks.push({ range, partition, block })
    }
  const writer = new ChunkWriter(pool, form)
  const chunks = [...copies(writer.write(blocks))]
  writer.free()
  spill.free()
  region.reset()
  return { chunks, rows }
}

function* copies(chunks: Iterable<Uint8Array>): Iterable<Uint8Array> {
  for (const chunk of chunks) yield Uint8Array.from(chunk)
}

function plainRows({ range, partition, batch }: ReceivedRows): unknown {
  return { range, partition, values: valuesOf(batch) }
}

test.each(FORMS)(`chunks give the rows that were sent, seed ${SEED}, %o`, (form) => {
  const sender = MemoryPool.create({ limitBytes: 128 << 20, poison: true })
  const receiver = MemoryPool.create({ limitBytes: 128 << 20, poison: true, startBytes: 2 ** 31 })
  const region = sender.createRegion()
  const random = randomFrom(SEED)
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const { chunks, rows } = send(sender, { random, region }, form, round % 4 === 0 ? 3000 : 40)
      const reader = new ChunkReader(receiver)
      const kept = receiver.createRegion()
      const received = chunks.flatMap((chunk) => reader.read(chunk, kept))
      expect(reader.isWithinFrame).toBe(false)
      reader.free()
      expect(received.map(plainRows), `seed ${SEED} round ${round}`).toEqual(rows)
      kept.free()
    }
    region.free()
    expect([sender.usedBytes, receiver.usedBytes, sender.spill.fileCount]).toEqual([0, 0, 0])
  } finally {
    sender.spill.remove()
  }
})

test(`received rows can go to a spill file chunk by chunk, seed ${SEED}`, () => {
  const pool = MemoryPool.create({ limitBytes: 128 << 20, poison: true })
  const [region, scratch] = [pool.createRegion(), pool.createRegion()]
  const random = randomFrom(SEED)
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const form = { compress: false, bodyBytes: 1 << 14, spilled: true }
      const { chunks, rows } = send(pool, { random, region }, form, 1000)
      const spill = new SpillWriter(pool.spill.createFile(1), pool.createRegion(), () => {})
      const reader = new ChunkReader(pool)
      const spilled = chunks.flatMap((chunk) => {
        if (!reader.isWithinFrame) scratch.reset()
        const received = reader.read(chunk, scratch, (dictionary) => spill.keep(dictionary))
        return received.map((one) => ({ ...one, batch: spill.write(one.batch) }))
      })
      reader.free()
      const file = new SpillReader(pool, spill.tables, () => pool.createRegion(), spill.file)
      const read = spilled.map(({ range, partition, batch }) =>
        plainRows({ range, partition, batch: file.read(batch, region) }),
      )
      expect(read, `seed ${SEED} round ${round}`).toEqual(rows)
      file.free()
      spill.free()
      region.reset()
    }
  } finally {
    pool.spill.remove()
  }
})

test('a dictionary that blocks share travels once', () => {
  const pool = MemoryPool.create({ limitBytes: 64 << 20 })
  const region = pool.createRegion()
  const builder = vectorBuilder(types.string, region)
  for (let i = 0; i < 100; i++) builder.append(`entry ${i}`)
  const dictionary = builder.finish()
  const blocks = Array.from({ length: 50 }, (_, range) => {
    const codes = region.int32(4).fill(range)
    return { range, partition: 0, block: { rowCount: 4, columns: [dictionaryVector(4, codes, dictionary)] } }
  })
  const sizes = [1, 50].map((count) => {
    const writer = new ChunkWriter(pool)
    const bytes = [...writer.write(blocks.slice(0, count))].reduce((sum, chunk) => sum + chunk.length, 0)
    writer.free()
    return bytes
  })
  expect(sizes[1]!).toBeLessThan(sizes[0]! + 50 * 100)
})

/** The rows, once it is sure that nobody who reads them reads anything else. */
function soundRows(rows: ReceivedRows): unknown {
  rows.batch.columns.forEach(expectSound)
  return plainRows(rows)
}

function expectSound(vector: Vector): void {
  const { length, validity } = vector
  if (validity !== null) expect(validity.length * 8).toBeGreaterThanOrEqual(length)
  if (vector.encoding === 'constant') expectSound(vector.value)
  if (vector.encoding === 'struct') vector.children.forEach(expectSound)
  if (vector.encoding === 'dictionary') {
    const { codes, dictionary, nullCount } = vector
    expectSound(dictionary)
    const entries = nullCount === length ? Math.max(1, dictionary.length) : dictionary.length
    expect(codes.every((code) => code >= 0 && code < entries)).toBe(true)
  }
  if (vector.encoding !== 'bytes' && vector.encoding !== 'list') return
  const { offsets } = vector
  if (vector.encoding === 'list') expectSound(vector.child)
  const limit = vector.encoding === 'list' ? vector.child.length : vector.bytes.length
  expect(offsets.every((offset, i) => offset >= (i === 0 ? 0 : offsets[i - 1]!) && offset <= limit)).toBe(
    true,
  )
}

/** Changes some bytes, and makes the checksums right again where `isSealed`. */
function damage(chunk: Uint8Array, random: () => number, isSealed: boolean): Uint8Array {
  const below = (limit: number): number => Math.floor(random() * limit)
  const bytes = Uint8Array.from(chunk.subarray(0, random() < 0.8 ? chunk.length : below(chunk.length)))
  for (let i = 1 + below(4); i > 0 && bytes.length > 0; i--)
    bytes[below(random() < 0.5 ? bytes.length : Math.min(bytes.length, 300))] = [0, 1, 255, below(256)][
      below(4)
    ]!
  if (!isSealed || bytes.length < 24) return bytes
  const view = new DataView(bytes.buffer)
  const head = Math.min(bytes.length, (4 * (6 + 7 * view.getUint32(20, true)) + 7) & -8)
  if (head < 24) return bytes
  view.setUint32(8, crc32cTwin(bytes.subarray(head)), true)
  view.setUint32(4, crc32cTwin(bytes.subarray(8, head)), true)
  return bytes
}

test.each([false, true])(
  `damaged chunks are refused or sound, sealed again: %o, seed ${SEED}`,
  (isSealed) => {
    const pool = MemoryPool.create({ limitBytes: 64 << 20, poison: true })
    const [region, kept] = [pool.createRegion(), pool.createRegion()]
    const random = randomFrom(SEED)
    let refused = 0
    let accepted = 0
    try {
      for (let round = 0; round < ROUNDS; round++) {
        const form = { compress: round % 2 === 0, bodyBytes: 1 << 13, spilled: round % 3 === 0 }
        const { chunks, rows } = send(pool, { random, region }, form, 30)
        for (let i = 0; i < 20 && chunks.length > 0; i++) {
          const hit = Math.floor(random() * chunks.length)
          const reader = new ChunkReader(pool)
          try {
            const received = chunks.flatMap((chunk, index) =>
              reader.read(index === hit ? damage(chunk, random, isSealed) : chunk, kept).map(soundRows),
            )
            if (!isSealed) expect(received, `seed ${SEED} round ${round}`).toEqual(rows)
            accepted++
          } catch (error) {
            if (!(error instanceof EngineError)) throw error
            const isMemory = isSealed && error.code === 'RESOURCES_EXHAUSTED'
            expect(isMemory ? 'BLOCK_CORRUPT' : error.code, `${error.stack}`).toBe('BLOCK_CORRUPT')
            refused++
          } finally {
            reader.free()
            kept.reset()
          }
        }
      }
      expect(refused).toBeGreaterThan(ROUNDS)
      if (isSealed) expect(accepted).toBeGreaterThan(0)
    } finally {
      pool.spill.remove()
    }
  },
)

test.each(['left out', 'doubled', 'swapped'])(`a chunk that is %s is found, seed ${SEED}`, (fault) => {
  const pool = MemoryPool.create({ limitBytes: 64 << 20 })
  const region = pool.createRegion()
  const random = randomFrom(SEED)
  const builderRows = 20_000
  const batch = randomBatch({ random, region }, [types.int64, types.int32], builderRows, [])
  const writer = new ChunkWriter(pool, { bodyBytes: 1 << 12 })
  const chunks = [...copies(writer.write([{ range: 0, partition: 0, block: batch }]))]
  expect(chunks.length).toBeGreaterThan(5)
  const [a, b] = [chunks[2]!, chunks[3]!]
  const given = fault === 'left out' ? [a] : fault === 'doubled' ? [a, a, b] : [b, a]
  const reader = new ChunkReader(pool)
  const wrong = [...chunks.slice(0, 2), ...given, ...chunks.slice(4)]
  expect(() => wrong.flatMap((chunk) => reader.read(chunk, region))).toThrow('do not follow each other')
})
