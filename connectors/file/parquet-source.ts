import type { RecordBatch } from '../../engine/batch/index.ts'
import type {
  RowFilter,
  ScanRequest,
  SourceContext,
  Split,
  SplitPlan,
  TableDescription,
  TableSource,
} from '../../engine/connect/index.ts'
import { EngineError } from '../../engine/errors.ts'
import {
  type ParquetMetadata,
  parquetSchema,
  planRowGroups,
  planRowGroupsWithBloomFilters,
  readFetched,
} from '../../engine/formats/parquet/index.ts'
import { type Schema, typeName } from '../../engine/types/index.ts'
import { fileFilter } from './file-filter.ts'
import { type DataFile, listDataFiles } from './list-files.ts'
import { footerOf } from './parquet-footer.ts'
import { footerStatistics } from './parquet-statistics.ts'
import { pruneFiles, tableOfFiles, withPartitionColumns } from './partition-columns.ts'
import { type ParquetSplit, type RowGroupReading, RowGroupsAhead } from './row-groups-ahead.ts'

/** Parquet files: a file, a folder, a glob, or folders by partition. */
export const parquetSource: TableSource = {
  name: 'parquet',
  options: { path: { usage: 'file, folder or glob; several are separated by commas' } },

  async describe(options, declared, context): Promise<TableDescription> {
    const files = await listFiles(options, context)
    const metadata = await Promise.all(files.map((file) => footerOf(file, context)))
    const table = tableOfFiles((declared ?? parquetSchema(metadata[0]!)).fields, files)
    return { ...table, statistics: footerStatistics(metadata, table.statistics.sizeBytes) }
  },

  async plan(request, context): Promise<SplitPlan> {
    return await planParquetFiles(await listFiles(request.options, context), request, context)
  },

  filters: true,

  async *read(splits, request, context, filter = null): AsyncIterable<RecordBatch> {
    const groups = new RowGroupsAhead(splits, request, context, filter)
    try {
      for (const _split of splits) {
        context.checkCancelled()
        const group = groups.take()
        try {
          let hasRows = false
          for await (const batch of readGroup(group, request, context, filter, () => groups.pause())) {
            hasRows ||= batch.rowCount > 0
            yield batch
          }
          groups.note(hasRows)
        } finally {
          await group.close()
        }
      }
    } finally {
      await groups.close()
    }
  },
}

/** The pieces of these files that partition values and statistics do not rule out; `read` reads them. */
export async function planParquetFiles(
  files: readonly DataFile[],
  request: ScanRequest,
  context: SourceContext,
): Promise<SplitPlan> {
  const { kept, notes } = pruneFiles(files, request)
  const splits: Split[] = []
  let groupCount = 0
  for (const file of kept) {
    const metadata = await footerOf(file, context)
    checkTypes(file, metadata, request)
    groupCount += metadata.rowGroups.length
    const share = Math.min(
      1,
      Math.max(0.02, request.columns.length / Math.max(1, request.schema.fields.length)),
    )
    for (const rowGroup of await rowGroupsOf(file, metadata, request, context)) {
      const { rowCount, sizeBytes } = metadata.rowGroups[rowGroup]!
      const data: ParquetSplit = { file, rowGroup }
      splits.push({ sizeBytes: Math.ceil(sizeBytes * share), rowCount, bucket: bucketOf(file.path), data })
    }
  }
  notes.push(`row groups: ${splits.length} of ${groupCount}`)
  return { splits, notes }
}

async function* readGroup(
  group: RowGroupReading,
  request: ScanRequest,
  context: SourceContext,
  filter: RowFilter | null,
  pause: () => Promise<void> | null,
): AsyncIterable<RecordBatch> {
  const { file } = group
  const fileColumns = request.columns.filter((name) => !(name in file.partition))
  const fetch = await group.open()
  context.count('rowGroups', 1)
  const region = context.createRegion()
  const constants = context.createRegion()
  const tested = context.createRegion()
  try {
    const batches = readFetched(fetch, fileColumns, {
      region,
      asCodes: request.asCodes ?? false,
      filter: filter === null ? null : fileFilter(filter, file, request, tested),
      count: (metric, amount) => context.count(metric, amount),
      pause,
    })
    for await (const batch of batches) {
      constants.reset()
      yield withPartitionColumns(
        batch,
        fileColumns,
        request.columns,
        request.schema,
        file.partition,
        constants,
      )
    }
  } finally {
    region.free()
    constants.free()
    tested.free()
  }
}

/** Row groups that statistics and, for equalities, bloom filters do not rule out. */
async function rowGroupsOf(
  file: DataFile,
  metadata: ParquetMetadata,
  { predicates }: ScanRequest,
  context: SourceContext,
): Promise<readonly number[]> {
  const hasFilters = metadata.rowGroups.some(({ chunks }) =>
    chunks.some(({ bloomFilter }) => bloomFilter !== null),
  )
  if (!hasFilters || !predicates.some(({ op }) => op === '=' || op === 'in'))
    return planRowGroups(metadata, predicates)
  const handle = await context.fileSystem(file.path).open(file.path, file.sizeBytes)
  try {
    return await planRowGroupsWithBloomFilters(handle, metadata, predicates)
  } finally {
    await handle.close()
  }
}

/** The bucket in the name of a bucketed table's file: 3 for `part-00000-…_00003.c000.snappy.parquet`. */
function bucketOf(path: string): number | undefined {
  const digits = /_(\d{5,})\.c\d+[^/]*$/.exec(path)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

async function listFiles(
  options: Readonly<Record<string, string>>,
  context: SourceContext,
): Promise<readonly DataFile[]> {
  const path = options['path']
  if (path === undefined)
    throw new EngineError('CONFIG_INVALID', 'option "path" is missing for source "parquet"')
  return listDataFiles(context.fileSystem(path), path)
}

/** Every file must have the table's columns with the table's types. */
function checkTypes(file: DataFile, metadata: ParquetMetadata, request: ScanRequest): void {
  const schema: Schema = parquetSchema(metadata)
  for (const name of request.columns) {
    if (name in file.partition) continue
    const wanted = request.schema.fields.find((candidate) => candidate.name === name)!
    const there = schema.fields.find((candidate) => candidate.name === name)
    if (there !== undefined && typeName(there.type) === typeName(wanted.type)) continue
    const found =
      there === undefined ? 'is missing' : `has type ${typeName(there.type)}, not ${typeName(wanted.type)},`
    throw new EngineError('SCHEMA_MISMATCH', `column "${name}" ${found} in "${file.path}"`, {
      position: { file: file.path },
    })
  }
}
