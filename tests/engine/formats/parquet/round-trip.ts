import { type RecordBatch, valueReader, vectorBuilder } from '../../../../engine/batch/index.ts'
import {
  type ParquetMetadata,
  ParquetWriter,
  type ParquetWriterOptions,
  readParquetMetadata,
  readRowGroup,
} from '../../../../engine/formats/parquet/index.ts'
import type { MemoryPool, Region } from '../../../../engine/memory/index.ts'
import type { Schema, Value } from '../../../../engine/types/index.ts'
import { memoryFile } from './memory-file.ts'

/** A batch of rows. */
export function batchOf(schema: Schema, rows: readonly (readonly Value[])[], region: Region): RecordBatch {
  const builders = schema.fields.map((field) => vectorBuilder(field.type, region))
  for (const row of rows) builders.forEach((builder, index) => void builder.append(row[index] ?? null))
  return { rowCount: rows.length, columns: builders.map((builder) => builder.finish()) }
}

/** The bytes of a file with these rows, appended `batchRows` at a time. */
export async function writeRows(
  pool: MemoryPool,
  schema: Schema,
  rows: readonly (readonly Value[])[],
  options: ParquetWriterOptions = {},
  batchRows = 1000,
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  const writer = new ParquetWriter(
    schema,
    { write: async (bytes) => void pieces.push(bytes.slice()) },
    options,
  )
  for (let from = 0; from < rows.length; from += batchRows) {
    const region = pool.createRegion()
    try {
      await writer.append(batchOf(schema, rows.slice(from, from + batchRows), region), region)
    } finally {
      region.free()
    }
  }
  const summary = await writer.finish()
  const bytes = Buffer.concat(pieces)
  if (summary.sizeBytes !== bytes.length || summary.rowCount !== rows.length)
    throw new Error('summary is wrong')
  return bytes
}

/** All rows of a file. */
export async function readRows(
  pool: MemoryPool,
  bytes: Uint8Array,
  batchRows = 65_536,
  wanted?: readonly string[],
): Promise<{ metadata: ParquetMetadata; rows: Value[][] }> {
  const file = memoryFile(bytes)
  const region = pool.createRegion()
  try {
    const metadata = await readParquetMetadata(file)
    const columns = wanted ?? metadata.schema.fields.map((field) => field.name)
    const rows: Value[][] = []
    for (let group = 0; group < metadata.rowGroups.length; group++)
      for await (const batch of readRowGroup(file, metadata, group, columns, { region, batchRows })) {
        const readers = batch.columns.map(valueReader)
        for (let row = 0; row < batch.rowCount; row++) rows.push(readers.map((read) => read(row)))
      }
    return { metadata, rows }
  } finally {
    region.free()
  }
}

/** Numbers from 0 to below 1, the same for the same seed. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
