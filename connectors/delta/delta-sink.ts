import { randomUUID } from 'node:crypto'
import type { SourceContext, TableSink, WriteRequest } from '../../engine/connect/index.ts'
import { EngineError } from '../../engine/errors.ts'
import { OptionReader } from '../../engine/formats/index.ts'
import {
  type AddFile,
  checkpointTable,
  commitTable,
  readTable,
  type TableAction,
} from '../../engine/tables/index.ts'
import {
  type FilePart,
  folderOf,
  parquetFormat,
  partitionOfPath,
  removeTemporary,
  writeFiles,
} from '../file/index.ts'
import { checkPlace, checkWrite, headOf, isDone, tableActions } from './write-rules.ts'

const OPTIONS = {
  ...parquetFormat.options,
  path: { usage: 'folder of the table' },
  overwriteSchema: {
    usage: 'with mode overwrite: the table takes the columns of the rows',
    default: 'false',
  },
} as const

/** A commit that lost so many races gives up. */
const MOST_TRIES = 100

/** The version that a write began from, by folder and job: what an overwrite takes away is what it saw. */
const begun = new Map<string, number>()

/**
 * A Delta table. Files lie below `_temporary` until the commit, get their places, and count when a commit of
 * the log names them, which one writer of each version can. A batch of a stream is named in the same commit.
 */
export const deltaSink: TableSink = {
  name: 'delta',
  options: OPTIONS,
  guarantee: 'exactly once',

  async begin(request, context) {
    const path = folderOf(request)
    const fileSystem = context.fileSystem(path)
    const options = new OptionReader(request.options, OPTIONS, 'delta')
    if (request.stream !== undefined) await removeTemporary(fileSystem, path, request.jobId)
    const snapshot = await readTable(context, path)
    if (snapshot === null) await checkPlace(fileSystem, path)
    else {
      if (isDone(snapshot, request)) return false
      checkWrite(snapshot, request, options.flag('overwriteSchema', false))
    }
    begun.set(keyOf(request), snapshot?.version ?? -1)
    return true
  },

  write(batches, request, task, context) {
    const options = { compression: 'snappy', ...parquetOptions(request) }
    return writeFiles(
      parquetFormat,
      batches,
      {
        request: { ...request, options: { ...options, path: folderOf(request) } },
        unique: randomUUID(),
        ...task,
      },
      context,
    )
  },

  async commit(request, parts, context) {
    const path = folderOf(request)
    const fileSystem = context.fileSystem(path)
    const files = parts.flatMap((part) => (part.data as FilePart).files)
    let isCommitted = false
    try {
      await fileSystem.makeFolder(path)
      for (const { temporary, below } of files) await fileSystem.rename(temporary, `${path}/${below}`)
      isCommitted = await commitFiles(request, files.map(addOf), context)
    } finally {
      if (!isCommitted) await removeUnnamed(files, path, context)
    }
    begun.delete(keyOf(request))
    await removeTemporary(fileSystem, path, request.jobId)
  },

  async abort(request, context) {
    const path = folderOf(request)
    begun.delete(keyOf(request))
    await removeTemporary(context.fileSystem(path), path, request.jobId)
  },
}

function keyOf(request: WriteRequest): string {
  return `${folderOf(request)}\n${request.jobId}`
}

/** Options of the Parquet files. */
function parquetOptions({ options }: WriteRequest): Record<string, string> {
  const own = new Set(Object.keys(parquetFormat.options))
  return Object.fromEntries(Object.entries(options).filter(([name]) => own.has(name.toLowerCase())))
}

/** Adds the commit, after whatever other writers added first; false if the batch is there by then. */
async function commitFiles(
  request: WriteRequest,
  adds: readonly AddFile[],
  context: SourceContext,
): Promise<boolean> {
  const path = folderOf(request)
  const fileSystem = context.fileSystem(path)
  const options = new OptionReader(request.options, OPTIONS, 'delta')
  const overwritesSchema = options.flag('overwriteSchema', false)
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    context.checkCancelled()
    const snapshot = await readTable(context, path)
    const version = (snapshot?.version ?? -1) + 1
    if (snapshot !== null) {
      if (isDone(snapshot, request)) return false
      if (request.stream !== undefined && request.mode === 'append' && adds.length === 0) return true
      checkWrite(snapshot, request, overwritesSchema)
    }
    if (request.mode === 'overwrite' && version !== (begun.get(keyOf(request)) ?? -1) + 1)
      throw new EngineError(
        'DELTA_CONCURRENT_APPEND',
        `another writer changed table "${path}" while it was overwritten`,
        { hint: 'Nothing was changed by this write: run it again.' },
      )
    const actions: TableAction[] = [
      ...headOf(request, snapshot),
      ...tableActions(request, snapshot, overwritesSchema),
      ...adds.map((add) => ({ add })),
    ]
    if (await commitTable(fileSystem, path, version, actions)) {
      await checkpoint(path, version, context)
      return true
    }
  }
  throw new EngineError(
    'DELTA_CONCURRENT_APPEND',
    `other writers of table "${path}" were first ${MOST_TRIES} times`,
  )
}

/** The commit counts without it, and the next one that is due stands for it: a failure is only counted. */
async function checkpoint(path: string, version: number, context: SourceContext): Promise<void> {
  try {
    await checkpointTable(context, path, version)
  } catch {
    context.count('checkpointsFailed', 1)
  }
}

/** Files without a commit, because it failed or the batch was there, are taken away. */
async function removeUnnamed(files: FilePart['files'], path: string, context: SourceContext): Promise<void> {
  // An error while a commit was put in its place does not tell whether it is there: the log does.
  const snapshot = await readTable(context, path)
  for (const file of files)
    if (snapshot?.files.has(addOf(file).path) !== true)
      await context.fileSystem(path).remove(`${path}/${file.below}`)
}

function addOf({ below, rowCount, sizeBytes }: FilePart['files'][number]): AddFile {
  return {
    path: encodeURI(below).replaceAll('#', '%23').replaceAll('?', '%3F'),
    partitionValues: partitionOfPath(below),
    size: sizeBytes,
    modificationTime: Date.now(),
    dataChange: true,
    stats: JSON.stringify({ numRecords: rowCount }),
  }
}
