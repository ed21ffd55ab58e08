import { type RecordBatch, takeBatch } from '../../engine/batch/index.ts'
import type {
  FileSystem,
  FileWriter,
  SourceContext,
  WriteRequest,
  WrittenPart,
} from '../../engine/connect/index.ts'
import { EngineError } from '../../engine/errors.ts'
import { murmurRows } from '../../engine/functions/index.ts'
import type { Region } from '../../engine/memory/index.ts'
import type { Schema } from '../../engine/types/index.ts'
import type { FileFormat, FormatWriter } from './file-format.ts'
import { HeldWriters } from './held-writers.ts'
import { partitionFolders } from './partition-folders.ts'

/** Files that one task wrote. */
export interface FilePart {
  readonly files: readonly WrittenFile[]
}

/** A file that lies below `_temporary` until it gets its place. */
export interface WrittenFile {
  readonly temporary: string
  /** Its place below the table's folder: `country=FR/part-00000-….parquet`. */
  readonly below: string
  readonly rowCount: number
  readonly sizeBytes: number
}

/** Which task writes. */
export interface FileTask {
  readonly request: WriteRequest
  /** Tells its files from those of other writes. */
  readonly unique: string
  readonly partition: number
  readonly attempt: number
}

/** The folder of the table that a request writes to. */
export function folderOf(request: WriteRequest): string {
  const path = request.options['path']
  if (path === undefined)
    throw new EngineError('CONFIG_INVALID', 'option "path" is missing for writing files')
  return path.replace(/\/+$/, '')
}

/** Removes what tasks of a write left, and the folder of such rests if it is empty. */
export async function removeTemporary(fileSystem: FileSystem, path: string, jobId: string): Promise<void> {
  const temporary = `${path}/_temporary`
  await fileSystem.remove(`${temporary}/${jobId}`)
  const info = await fileSystem.stat(temporary)
  if (info !== null && (await fileSystem.list(temporary)).length === 0) await fileSystem.remove(temporary)
}

/** Writes the rows of a task below `_temporary`; its part's data is a `FilePart`. */
export async function writeFiles(
  format: FileFormat,
  batches: AsyncIterable<RecordBatch>,
  task: FileTask,
  context: SourceContext,
): Promise<WrittenPart> {
  const { request } = task
  const files = new TaskFiles(format, task, context)
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
    const data: FilePart = { files: files.written() }
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
  readonly below: string
  readonly out: CountingWriter
  readonly writer: FormatWriter
  rowCount: number
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

  constructor(format: FileFormat, { request, unique, partition, attempt }: FileTask, context: SourceContext) {
    this.#format = format
    this.#request = request
    this.#context = context
    this.#fileSystem = context.fileSystem(folderOf(request))
    this.#stored = {
      fields: request.schema.fields.filter(({ name }) => !request.partitionColumns.includes(name)),
    }
    this.#prefix = `part-${String(partition).padStart(5, '0')}-${unique}`
    this.#held = new HeldWriters(context)
    this.#attemptFolder = `_temporary/${request.jobId}/${partition}-${attempt}`
  }

  async append(folder: string, bucket: number | null, batch: RecordBatch, scratch: Region): Promise<void> {
    const key = `${folder}|${bucket ?? ''}`
    let file = this.#open.get(key)
    if (file === undefined) {
      file = await this.#create(folder, bucket)
      this.#open.set(key, file)
    }
    await file.writer.append(batch, scratch)
    file.rowCount += batch.rowCount
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

  written(): FilePart['files'] {
    return [...this.#open.values()].map(({ temporary, below, rowCount, out }) => {
      return { temporary, below, rowCount, sizeBytes: out.byteCount }
    })
  }

  async #create(folder: string, bucket: number | null): Promise<OpenFile> {
    const path = folderOf(this.#request)
    const { options } = this.#request
    const suffix = bucket === null ? '' : `_${String(bucket).padStart(5, '0')}`
    const name = `${this.#prefix}${suffix}.c000${this.#format.extension(options)}`
    const below = folder === '' ? name : `${folder}/${name}`
    const temporary = `${path}/${this.#attemptFolder}/${below}`
    const out = new CountingWriter(await this.#fileSystem.create(temporary, { exclusive: true }))
    const writer = this.#format.open(this.#stored, options, out, this.#context)
    return { temporary, below, out, writer, rowCount: 0 }
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
