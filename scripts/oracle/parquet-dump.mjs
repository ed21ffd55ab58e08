// Prints the schema and rows of a Parquet file as JSON lines, read by the built engine: what
// parquet-interop.py compares.
import { open } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { valueReader } from '../../dist/engine/batch/index.js'
import { readParquetMetadata, readRowGroup } from '../../dist/engine/formats/parquet/index.js'
import { MemoryPool } from '../../dist/engine/memory/index.js'
import { typeName } from '../../dist/engine/types/index.js'

/** Memory of all reads. */
export const pool = MemoryPool.create({ limitBytes: 1 << 30, poison: true })

/** One value in a form that JSON keeps exactly. */
function canonical(value, type) {
  if (value === null) return null
  switch (type.kind) {
    case 'list':
      return value.map((element) => canonical(element, type.element))
    case 'struct':
      return value.map((member, index) => canonical(member, type.fields[index].type))
    case 'map':
      return value.map(([key, member]) => [canonical(key, type.key), canonical(member, type.value)])
    case 'binary':
      return Buffer.from(value).toString('hex')
    case 'float32':
    case 'float64':
      if (Number.isNaN(value)) return 'NaN'
      if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity'
      return Object.is(value, -0) ? '-0' : value
    default:
      return typeof value === 'bigint' ? String(value) : value
  }
}

/** A local file for the reader. */
export async function openFile(path) {
  const handle = await open(path)
  const { size } = await handle.stat()
  return {
    path,
    sizeBytes: size,
    async read(offset, into) {
      for (let done = 0; done < into.length; ) {
        const { bytesRead } = await handle.read(into, done, into.length - done, offset + done)
        if (bytesRead === 0) throw new Error('file ends early')
        done += bytesRead
      }
    },
    close: () => handle.close(),
  }
}

/** All rows, in batches of `batchRows`. */
async function dump(path, batchRows) {
  const file = await openFile(path)
  const region = pool.createRegion()
  try {
    const metadata = await readParquetMetadata(file)
    const { fields } = metadata.schema
    const names = fields.map((field) => field.name)
    const rows = []
    for (let group = 0; group < metadata.rowGroups.length; group++)
      for await (const batch of readRowGroup(file, metadata, group, names, { region, batchRows })) {
        const readers = batch.columns.map(valueReader)
        for (let row = 0; row < batch.rowCount; row++)
          rows.push(readers.map((read, index) => canonical(read(row), fields[index].type)))
      }
    return { ok: true, schema: fields.map((field) => [field.name, typeName(field.type)]), rows }
  } finally {
    region.free()
    await file.close()
  }
}

const isMain = import.meta.url === pathToFileURL(process.argv[1] ?? '').href
for (const path of isMain ? process.argv.slice(2) : []) {
  for (const batchRows of [65_536, 7]) {
    let result
    try {
      result = await dump(path, batchRows)
      if (pool.usedBytes !== 0) throw new Error(`${pool.usedBytes} bytes are still held`)
    } catch (error) {
      result = { ok: false, code: error.code ?? null, message: error.stack }
    }
    console.log(JSON.stringify({ path, batchRows, ...result }))
  }
}
