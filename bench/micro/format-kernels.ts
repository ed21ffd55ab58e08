import { BATCH_ROWS } from '../../engine/batch/index.ts'
import { CsvScanner } from '../../engine/formats/csv/csv-scanner.ts'
import { readJson } from '../../engine/formats/json/read-json.ts'
import { ByteBuffer } from '../../engine/formats/parquet/byte-buffer.ts'
import { compress } from '../../engine/formats/parquet/codec/compress.ts'
import { encodeRle } from '../../engine/formats/parquet/encoding/rle-encoder.ts'
import { memoryInput } from '../../engine/formats/text/byte-input.ts'
import { fieldTable } from '../../engine/formats/text/field-table.ts'
import {
  CRC32C_TABLE_BYTES,
  crc32c,
  decompressLz4Block,
  decompressSnappy,
  fillCrc32cTables,
  HybridDecoder,
  newHybridState,
} from '../../engine/kernels/index.ts'
import { type DataType, types } from '../../engine/types/index.ts'
import { type Bench, inArena, type Kernel, randomInts, randomLongs, VALUES } from './kernel.ts'

const CODE_BITS = 13
const TEXT_ROWS = 1 << 17
const TEXT_FIELDS = 4

/** What lies between a file and columns. */
export const formatKernels: readonly Kernel[] = [
  unpacked('snappy, a byte', 'snappy', decompressSnappy),
  unpacked('lz4, a byte', 'lz4_raw', decompressLz4Block),
  { name: 'crc32c, a byte', values: 8 * VALUES, prepare: checksum },
  { name: `unpack ${CODE_BITS} bits`, values: VALUES, prepare: unpackCodes },
  { name: 'dictionary to int64', values: VALUES, prepare: gatherEntries },
  { name: 'csv, a field', values: TEXT_ROWS * TEXT_FIELDS, prepare: scanCsvText },
  { name: 'json lines, a field', values: TEXT_ROWS * TEXT_FIELDS, prepare: readJsonText },
]

function unpacked(name: string, codec: 'snappy' | 'lz4_raw', decompress: typeof decompressSnappy): Kernel {
  const bytes = 8 * VALUES
  return {
    name,
    values: bytes,
    prepare(bench) {
      // Prices: some bytes repeat and some do not.
      const plain = randomLongs(bench, VALUES, 1e5)
      const input = inArena(
        bench.region,
        compress(codec, [new Uint8Array(plain.buffer, plain.byteOffset, bytes)]),
      )
      const out = bench.region.uint8(bytes)
      return () => (decompress(bench.pool, input, out) ? input.length : 0)
    },
  }
}

function checksum({ pool, region }: Bench): () => number {
  const [tables, bytes] = [region.uint8(CRC32C_TABLE_BYTES), region.uint8(8 * VALUES)]
  fillCrc32cTables(pool, tables)
  return () => crc32c(pool, bytes, tables)
}

function codesOf(bench: Bench): () => HybridDecoder {
  const { pool, region } = bench
  const encoded = new ByteBuffer()
  encodeRle(randomInts(bench, VALUES, 1 << CODE_BITS), VALUES, CODE_BITS, encoded)
  const bytes = inArena(region, encoded.bytes.subarray(0, encoded.length))
  const state = newHybridState(region)
  const fail = (reason: string): Error => new Error(reason)
  return () => new HybridDecoder(pool, state, bytes, 0, bytes.length, CODE_BITS, fail)
}

function unpackCodes(bench: Bench): () => number {
  const decoder = codesOf(bench)
  const out = bench.region.int32(BATCH_ROWS)
  return () => {
    const codes = decoder()
    for (let row = 0; row < VALUES; row += BATCH_ROWS) codes.read(out, 0, BATCH_ROWS)
    return out[0]!
  }
}

function gatherEntries(bench: Bench): () => number {
  const decoder = codesOf(bench)
  const size = 1 << CODE_BITS
  const dictionary = randomLongs(bench, size, 1e9).byteOffset
  const out = bench.region.int64(BATCH_ROWS)
  return () => {
    const codes = decoder()
    for (let row = 0; row < VALUES; row += BATCH_ROWS)
      codes.gather(dictionary, size, 3, out.byteOffset, BATCH_ROWS)
    return Number(out[0])
  }
}

/** Rows of a number, a price, a word and a date. */
function rowsOf({ below }: Bench): (readonly [number, string, string, string])[] {
  return Array.from({ length: TEXT_ROWS }, () => {
    const date = new Date(8e11 + below(2500) * 86_400_000).toISOString().slice(0, 10)
    return [below(1e6), (below(1e7) / 100).toFixed(2), `word ${below(100).toString(36)}`, date] as const
  })
}

function scanCsvText(bench: Bench): () => number {
  const { region } = bench
  const lines = rowsOf(bench).map((row) => `${row.join(',')}\n`)
  const text = inArena(region, Buffer.from(lines.join('')))
  const dialect = {
    separator: Uint8Array.of(44),
    quote: 34,
    escape: 92,
    comment: -1,
    lineBreak: -1,
    multiLine: false,
    trimLeft: false,
    trimRight: false,
  }
  const scanner = new CsvScanner(dialect, region)
  const table = fieldTable(TEXT_FIELDS, BATCH_ROWS, region)
  return () => {
    let rows = 0
    for (let at = 0; at < text.length; rows += table.rowCount)
      at = scanner.scan(text, at, text.length, true, table, BATCH_ROWS)
    return rows
  }
}

const JSON_COLUMNS: Readonly<Record<string, DataType>> = {
  id: types.int64,
  price: types.float64,
  word: types.string,
  day: types.date,
}

function readJsonText(bench: Bench): () => Promise<number> {
  const { pool } = bench
  const names = Object.keys(JSON_COLUMNS)
  const lines = rowsOf(bench).map(
    ([id, price, word, day]) => `{"id":${id},"price":${price},"word":"${word}","day":"${day}"}\n`,
  )
  const text = Buffer.from(lines.join(''))
  const request = {
    options: {
      multiLine: false,
      lineBreak: -1,
      primitivesAsString: false,
      prefersDecimal: false,
      dateFormat: null,
      timestampFormat: null,
      timestampNtzFormat: null,
      maxLineBytes: 1 << 20,
    },
    fields: names.map((name) => ({ name, type: JSON_COLUMNS[name]!, nullable: true })),
    columns: names,
    corruptColumn: '',
    policy: { mode: 'FAILFAST' as const, deadLetter: null, lineOf: null },
  }
  const context = {
    pool,
    settings: { timeZone: 'UTC' },
    createRegion: () => pool.createRegion(),
    checkCancelled() {},
    count() {},
    fileSystem() {
      throw new Error('the text lies in memory')
    },
  }
  return async () => {
    let rows = 0
    for await (const batch of readJson(memoryInput(text), request, context)) rows += batch.rowCount
    return rows
  }
}
