import { randomUUID } from 'node:crypto'
import { type RecordBatch, takeBatch } from '../../engine/batch/index.ts'
import type {
  FileSystem,
  FileWriter,
  SourceContext,
  TableSink,
  WriteRequest,
  WrittenPart,
} from '../../engine/connect/index.ts'
import { EngineError } from '../../engine/errors.ts'
import { murmurRows } from '../../engine/functions/index.ts'
import type { Region } from '../../engine/memory/index.ts'
import type { Schema } from '../../engine/types/index.ts'
import { batchMarker, dropOldMarkers } from './batch-markers.ts'
import type { FileFormat, FormatWriter } from './file-format.ts'
import { HeldWriters } from './held-writers.ts'
import { partitionFolders } from './partition-folders.ts'

/** Files of one task, by where they will lie below the table's folder. */
interface FilePart {
  readonly files: readonly { readonly temporary: string; readonly final: string }[]
}

/**
 * A folder of files, written so that readers never see half of it: tasks write below `_temporary/JOB`, which
 * listings leave out, and the commit renames. `column=value/` folders hold partitions; names end in `_BUCKET`
 * for buckets.
 */
export function fileSink(format: FileFormat): TableSink {
  return {
    name: format.name,
    options: { ...format.options, path: { usage: 'folder to write to' } },

    guarantee: 'exactly once',

    async begin(request, context) {
      const path = pathOf(request)
      if (request.stream !== undefined) {
        await removeTemporary(context.fileSystem(path), path, request.jobId) // Of a try that was cut off.
        return (await context.fileSystem(path).stat(batchMarker(path, request.stream))) === null
      }
      const existing = await context.fileSystem(path).stat(path)
      if (existing === null || request.mode === 'append' || request.mode === 'overwrite') return true
      if (request.mode === 'ignore') return false
      throw new EngineError('PATH_ALREADY_EXISTS', `path "${path}" already exists`, {
        hint: "Choose another path, or mode 'overwrite' or 'append'.",
      })
    },

    write: (batches, request, task, context) => writeTask(format, batches, request, task, context),

    async commit(request, parts, context) {
      const path = pathOf(request)
      const fileSystem = context.fileSystem(path)
      if (request.mode === 'overwrite') await removeOld(fileSystem, path)
      await fileSystem.makeFolder(path)
      for (const part of parts)
        for (const { temporary, final } of (part.data as FilePart).files)
          await fileSystem.rename(temporary, final)
      await removeTemporary(fileSystem, path, request.jobId)
      const { stream } = request
      const marker = stream === undefined ? `${path}/_SUCCESS` : batchMarker(path, stream)
      await (await fileSystem.create(marker)).close()
      if (stream !== undefined) await dropOldMarkers(fileSystem, path, stream)
    },

    async abort(request, context) {
      const path = pathOf(request)
      await removeTemporary(context.fileSystem(path), path, request.jobId)
    },
  }
}

function pathOf(request: WriteRequest): string {
  const path = request.options['path']
  if (path === undefined)
    throw new EngineError('CONFIG_INVALID', 'option "path" is missing for writing files')
  return path.replace(/\/+$/, '')
}

async function removeOld(fileSystem: FileSystem, path: string): Promise<void> {
  if ((await fileSystem.stat(path)) === null) return
  for (const member of await fileSystem.list(path))
    if (!/\/_(temporary|batches)$/.test(member.path)) await fileSystem.remove(member.path)
}

async function removeTemporary(fileSystem: FileSystem, path: string, jobId: string): Promise<void> {
  const temporary = `${path}/_temporary`
  await fileSystem.remove(`${temporary}/${jobId}`)
  const info = await fileSystem.stat(temporary)
  if (info !== null && (await fileSystem.list(temporary)).length === 0) await fileSystem.remove(temporary)
}

async function writeTask(
  format: FileFormat,
  batches: AsyncIterable<RecordBatch>,
  request: WriteRequest,
  task: { readonly partition: number; readonly attempt: number },
  context: SourceContext,
): Promise<WrittenPart> {
  const files = new TaskFiles(format, request, task, context)
  const scratch = context.createRegion()
  let rowCount = 0
  try {
    for await (const batch of batches) {
      context.checkCancelled()
      scratch.reset()
      rowCount += batch.rowCount
      await scatter(batch, request, files, scratch)
    }
    const sizeBytes = await files.finish(scratch)
    const data: FilePart = { files: files.renames() }
    return { rowCount, sizeBytes, data }
  } catch (error) {
    await files.abort()
    throw error
  } finally {
    files.free()
    scratch.free()
  }
}

/** Rows of a batch to their files, by partition folder and bucket. */
async function scatter(
  batch: RecordBatch,
  request: WriteRequest,
  files: TaskFiles,
  scratch: Region,
): Promise<void> {
  const { schema, partitionColumns, bucketing } = request
  const stored = schema.fields.flatMap((field, index) =>
    partitionColumns.includes(field.name) ? [] : [index],
  )
  const kept: RecordBatch = {
    rowCount: batch.rowCount,
    columns: stored.map((index) => batch.columns[index]!),
  }
  if (partitionColumns.length === 0 && bucketing === undefined) {
    await files.append('', null, kept, scratch)
    return
  }
  const folders = partitionFolders(batch, schema, partitionColumns)
  const bucketCount = bucketing?.bucketCount ?? 1
  const buckets = scratch.int32(batch.rowCount).fill(0)
  if (bucketing !== undefined) bucketsOf(batch, schema, bucketing.columns, bucketCount, buckets)
  const groups = new Map<number, number[]>()
  for (let row = 0; row < batch.rowCount; row++) {
    const key = folders.codes[row]! * bucketCount + buckets[row]!
    const rows = groups.get(key)
    if (rows === undefined) groups.set(key, [row])
    else rows.push(row)
  }
  for (const [key, rows] of groups) {
    const indices = scratch.int32(rows.length)
    indices.set(rows)
    const folder = folders.names[Math.floor(key / bucketCount)]!
    const bucket = bucketing === undefined ? null : key % bucketCount
    await files.append(folder, bucket, takeBatch(kept, indices, rows.length, scratch), scratch)
  }
}

/** The bucket of every row, as Spark tells it: it prunes files and joins them by their bucket. */
function bucketsOf(
  batch: RecordBatch,
  schema: Schema,
  columns: readonly string[],
  bucketCount: number,
  out: Int32Array,
): void {
  const keys = columns.map((name) => batch.columns[schema.fields.findIndex((field) => field.name === name)]!)
  murmurRows(keys, batch.rowCount, out)
  for (let row = 0; row < batch.rowCount; row++)
    out[row] = (bucketCount + (out[row]! % bucketCount)) % bucketCount
}

interface OpenFile {
  readonly temporary: string
  readonly final: string
  readonly out: CountingWriter
  readonly writer: FormatWriter
}

/** The files that one task writes, opened when their first row comes. */
class TaskFiles {
  readonly #format: FileFormat
  readonly #request: WriteRequest
  readonly #context: SourceContext
  readonly #fileSystem: FileSystem
  readonly #stored: Schema
  readonly #prefix: string
  readonly #open = new Map<string, OpenFile>()
  readonly #attemptFolder: string
  readonly #held: HeldWriters

  constructor(
    format: FileFormat,
    request: WriteRequest,
    task: { readonly partition: number; readonly attempt: number },
    context: SourceContext,
  ) {
    this.#format = format
    this.#request = request
    this.#context = context
    this.#fileSystem = context.fileSystem(pathOf(request))
    this.#stored = {
      fields: request.schema.fields.filter(({ name }) => !request.partitionColumns.includes(name)),
    }
    const { stream } = request
    const unique = stream === undefined ? randomUUID() : `${stream.queryId}-${stream.batchId}`
    this.#prefix = `part-${String(task.partition).padStart(5, '0')}-${unique}`
    this.#held = new HeldWriters(context)
    this.#attemptFolder = `_temporary/${request.jobId}/${task.partition}-${task.attempt}`
  }

  async append(folder: string, bucket: number | null, batch: RecordBatch, scratch: Region): Promise<void> {
    const key = `${folder}|${bucket ?? ''}`
    let file = this.#open.get(key)
    if (file === undefined) {
      file = await this.#create(folder, bucket)
      this.#open.set(key, file)
    }
    await file.writer.append(batch, scratch)
    await this.#held.note(file.writer, scratch)
  }

  /** Finishes and closes all files; gives their bytes. */
  async finish(scratch: Region): Promise<number> {
    let bytes = 0
    for (const { writer, out } of this.#open.values()) {
      scratch.reset() // Files may be many.
      await writer.finish(scratch)
      this.#held.drop(writer)
      await out.close()
      bytes += out.byteCount
    }
    return bytes
  }

  async abort(): Promise<void> {
    for (const { out } of this.#open.values()) await out.abort()
  }

  free(): void {
    this.#held.free()
  }

  renames(): FilePart['files'] {
    return [...this.#open.values()].map(({ temporary, final }) => ({ temporary, final }))
  }

  async #create(folder: string, bucket: number | null): Promise<OpenFile> {
    const path = pathOf(this.#request)
    const { options } = this.#request
    const suffix = bucket === null ? '' : `_${String(bucket).padStart(5, '0')}`
    const name = `${this.#prefix}${suffix}.c000${this.#format.extension(options)}`
    const below = folder === '' ? name : `${folder}/${name}`
    const temporary = `${path}/${this.#attemptFolder}/${below}`
    const out = new CountingWriter(await this.#fileSystem.create(temporary, { exclusive: true }))
    const writer = this.#format.open(this.#stored, options, out, this.#context)
    return { temporary, final: `${path}/${below}`, out, writer }
  }
}

/** A file writer that knows how much it wrote. */
class CountingWriter implements FileWriter {
  byteCount = 0
  readonly #inner: FileWriter

  constructor(inner: FileWriter) {
    this.#inner = inner
  }

  write(bytes: Uint8Array): Promise<void> {
    this.byteCount += bytes.length
    return this.#inner.write(bytes)
  }

  close(): Promise<void> {
    return this.#inner.close()
  }

  abort(): Promise<void> {
    return this.#inner.abort()
  }
}
