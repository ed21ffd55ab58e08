// Rewrites Parquet files through the built engine in every variant of the writer: `node parquet-write.mjs
// OUT-FOLDER FILE…`.
import { writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { ParquetWriter, readParquetMetadata, readRowGroup } from '../../dist/engine/formats/parquet/index.js'
import { openFile, pool } from './parquet-dump.mjs'

const VARIANTS = {
  v1: {},
  v2: { dataPageVersion: 2 },
  plain: { dictionary: false, codec: 'uncompressed' },
  gzip: { codec: 'gzip', pageRows: 50, rowGroupRows: 400 },
  brotli: { codec: 'brotli', bloomFilterColumns: ['int64', 'string', 'i', 's'] },
  lz4: { codec: 'lz4_raw', dataPageVersion: 2, pageRows: 50 },
  delta: {
    dataPageVersion: 2,
    encodings: {
      bool: 'rle',
      int8: 'delta_binary_packed',
      int32: 'delta_binary_packed',
      int64: 'delta_binary_packed',
      string: 'delta_byte_array',
      few: 'delta_length_byte_array',
      binary: 'delta_byte_array',
      double: 'byte_stream_split',
      float: 'byte_stream_split',
    },
  },
}

const [folder, ...paths] = process.argv.slice(2)
for (const path of paths)
  for (const [variant, options] of Object.entries(VARIANTS)) {
    const file = await openFile(path)
    const region = pool.createRegion()
    const metadata = await readParquetMetadata(file)
    const pieces = []
    const writer = new ParquetWriter(
      metadata.schema,
      { write: async (bytes) => void pieces.push(bytes) },
      options,
    )
    const names = metadata.schema.fields.map((field) => field.name)
    for (let group = 0; group < metadata.rowGroups.length; group++)
      for await (const batch of readRowGroup(file, metadata, group, names, { region }))
        await writer.append(batch)
    await writer.finish()
    region.free()
    await file.close()
    const out = join(folder, `${basename(path, '.parquet')}-${variant}.parquet`)
    await writeFile(out, Buffer.concat(pieces))
    console.log(JSON.stringify({ source: path, path: out }))
  }
