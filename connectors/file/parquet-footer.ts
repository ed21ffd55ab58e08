import type { SourceContext } from '../../engine/connect/index.ts'
import { type ParquetMetadata, readParquetMetadata } from '../../engine/formats/parquet/index.ts'
import type { DataFile } from './list-files.ts'

/** Footers by path, size and time of change: read once a process and thread. */
const footers = new Map<string, Promise<ParquetMetadata>>()
const MAX_FOOTERS = 4096

/** The footer of a file, kept for later reads of it. */
export function footerOf(file: DataFile, context: SourceContext): Promise<ParquetMetadata> {
  const key = `${file.path}|${file.sizeBytes}|${file.modifiedMs}`
  const known = footers.get(key)
  if (known !== undefined) return known
  if (footers.size >= MAX_FOOTERS) footers.clear()
  const loaded = load(file, context)
  footers.set(key, loaded)
  loaded.catch(() => footers.delete(key))
  return loaded
}

async function load(file: DataFile, context: SourceContext): Promise<ParquetMetadata> {
  const handle = await context.fileSystem(file.path).open(file.path, file.sizeBytes)
  try {
    return await readParquetMetadata(handle)
  } finally {
    await handle.close()
  }
}
