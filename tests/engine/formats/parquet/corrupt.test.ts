import { expect, test } from 'vitest'
import { EngineError } from '../../../../engine/errors.ts'
import type { ParquetWriterOptions } from '../../../../engine/formats/parquet/index.ts'
import { MemoryPool } from '../../../../engine/memory/index.ts'
import { randomOf, readRows, writeRows } from './round-trip.ts'
import { sampleRows, sampleSchema } from './sample.ts'

const pool = MemoryPool.create({ limitBytes: 64 << 20, poison: true })
const SEED = Number(process.env['FUZZ_SEED'] ?? 1)
const ROUNDS = Number(process.env['FUZZ_ROUNDS'] ?? 150)

const VARIANTS: Readonly<Record<string, ParquetWriterOptions>> = {
  snappy: { pageRows: 20 },
  'uncompressed, version 2': { codec: 'uncompressed', dataPageVersion: 2 },
  'uncompressed, plain': { codec: 'uncompressed', dictionary: false },
  lz4: { codec: 'lz4_raw', dataPageVersion: 2 },
  delta: {
    codec: 'uncompressed',
    encodings: {
      id: 'delta_binary_packed',
      text: 'delta_byte_array',
      few: 'delta_length_byte_array',
      dec38: 'byte_stream_split',
    },
  },
}

/** Rows, or an EngineError with the file's name; anything else is a fault. Soon. */
async function outcome(bytes: Uint8Array): Promise<string> {
  const start = performance.now()
  let result = 'rows'
  try {
    await readRows(pool, bytes)
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    if (
      error.code !== 'CORRUPT_FILE' &&
      error.code !== 'UNSUPPORTED_FEATURE' &&
      error.code !== 'RESOURCES_EXHAUSTED'
    )
      throw error
    if (error.code === 'CORRUPT_FILE' && error.position?.file !== 'memory.parquet') throw error
    result = error.code
  }
  expect(pool.usedBytes).toBe(0)
  expect(performance.now() - start).toBeLessThan(5000)
  return result
}

for (const [name, options] of Object.entries(VARIANTS)) {
  test(`readRowGroup() survives flipped bytes: ${name}, seed ${SEED}`, async () => {
    // Checksums would catch most damage before the decoders see it.
    const rows = sampleRows(120, 0.2, SEED)
    const bytes = await writeRows(pool, sampleSchema, rows, { ...options, checksums: false })
    const random = randomOf(SEED)
    const seen = new Set<string>()
    for (let round = 0; round < ROUNDS; round++) {
      const damaged = bytes.slice()
      const flips = 1 + Math.floor(random() * 4)
      // Half of the damage goes to the footer, where the structure is.
      const from = random() < 0.5 ? 0 : bytes.length - Math.floor(bytes.length / 3)
      for (let i = 0; i < flips; i++)
        damaged[from + Math.floor(random() * (bytes.length - from))] = Math.floor(random() * 256)
      seen.add(await outcome(damaged))
    }
    expect(seen).toContain('CORRUPT_FILE')
  })

  test(`readParquetMetadata() survives truncation: ${name}`, async () => {
    const bytes = await writeRows(pool, sampleSchema, sampleRows(50, 0.2, SEED), options)
    for (let length = 0; length < bytes.length; length += 1 + Math.floor(bytes.length / 60))
      expect(await outcome(bytes.subarray(0, length))).toBe('CORRUPT_FILE')
  })
}

test('a page with a wrong checksum is CORRUPT_FILE with path and offset', async () => {
  const bytes = await writeRows(pool, sampleSchema, sampleRows(50, 0, SEED), { codec: 'uncompressed' })
  bytes[60]! ^= 1
  const { code, position } = await readRows(pool, bytes, 100, ['id']).catch((error) => error)
  expect(code).toBe('CORRUPT_FILE')
  expect(position).toEqual({ file: 'memory.parquet', offset: 4 })
})

test('a file that is something else is CORRUPT_FILE', async () => {
  await expect(readRows(pool, new TextEncoder().encode('a,b,c\n1,2,3\n4,5,6\n'))).rejects.toMatchObject({
    code: 'CORRUPT_FILE',
  })
})
