import type { SourceContext, SourceOptions, TableSource } from '../../engine/connect/index.ts'
import { EngineError } from '../../engine/errors.ts'
import { OptionReader } from '../../engine/formats/index.ts'
import { parseTimestamp, timeZone } from '../../engine/functions/index.ts'
import {
  type AddFile,
  readableSchema,
  readTable,
  type TableSnapshot,
  type VersionWanted,
} from '../../engine/tables/index.ts'
import { type DataFile, parquetSource, planParquetFiles } from '../file/index.ts'

const OPTIONS = {
  path: { usage: 'folder of the table' },
  versionAsOf: { usage: 'read this version of the table' },
  timestampAsOf: { usage: 'read the version that was the newest at this time' },
} as const

/** A Delta table as its newest version has it, or an older one. */
export const deltaSource: TableSource = {
  name: 'delta',
  options: OPTIONS,

  async describe(options, declared, context) {
    const snapshot = await snapshotOf(options, context)
    const own = readableSchema(snapshot)
    const { partitionColumns } = snapshot.metaData
    return {
      schema: declared ?? { fields: own.fields },
      partitionColumns,
      statistics: statisticsOf(snapshot),
    }
  },

  async plan(request, context) {
    const snapshot = await snapshotOf(request.options, context)
    readableSchema(snapshot)
    return await planParquetFiles(dataFiles(snapshot), request, context)
  },

  filters: true,

  read: (splits, request, context, filter) => parquetSource.read(splits, request, context, filter),
}

async function snapshotOf(options: SourceOptions, context: SourceContext): Promise<TableSnapshot> {
  const given = new OptionReader(options, OPTIONS, 'delta')
  const path = given.text('path')?.replace(/\/+$/, '')
  if (path === undefined)
    throw new EngineError('CONFIG_INVALID', 'option "path" is missing for source "delta"')
  const snapshot = await readTable(context, path, versionWanted(given, context))
  if (snapshot !== null) return snapshot
  throw new EngineError('FILE_NOT_FOUND', `"${path}" is no Delta table: it has no folder "_delta_log"`, {
    position: { file: path },
  })
}

function versionWanted(given: OptionReader, context: SourceContext): VersionWanted {
  const [version, time] = [given.text('versionAsOf'), given.text('timestampAsOf')]
  if (version !== undefined && time !== undefined)
    throw new EngineError('CONFIG_INVALID', 'options "versionAsOf" and "timestampAsOf" exclude each other')
  if (version !== undefined) {
    if (/^\d{1,15}$/.test(version)) return { version: Number(version) }
    throw given.invalid('versionAsOf', version, 'Give a whole number from 0 on.')
  }
  if (time === undefined) return {}
  const micros = parseTimestamp(time, timeZone(context.settings.timeZone))
  if (micros === undefined) throw given.invalid('timestampAsOf', time, 'Give a time: 2011-12-01 08:00:00.')
  return { timestampMs: Number(micros) / 1000 }
}

/** Rows are known if every file says how many it has. */
function statisticsOf({ files }: TableSnapshot): { readonly sizeBytes: number; readonly rowCount?: number } {
  let rowCount: number | null = 0
  let sizeBytes = 0
  for (const file of files.values()) {
    sizeBytes += file.size
    const rows = rowsOf(file)
    rowCount = rowCount === null || rows === null ? null : rowCount + rows
  }
  return rowCount === null ? { sizeBytes } : { sizeBytes, rowCount }
}

function rowsOf({ stats }: AddFile): number | null {
  const digits = /"numRecords"\s*:\s*(\d+)/.exec(stats ?? '')?.[1]
  return digits === undefined ? null : Number(digits)
}

function dataFiles({ path, files, metaData }: TableSnapshot): readonly DataFile[] {
  return [...files.values()].map((file) => {
    const decoded = decodeURIComponent(file.path)
    const partition = metaData.partitionColumns.map((name) => [name, file.partitionValues[name] || null])
    return {
      path: /^([a-z][a-z0-9+.-]*:|\/)/i.test(decoded) ? decoded : `${path}/${decoded}`,
      sizeBytes: file.size,
      modifiedMs: file.modificationTime,
      isDirectory: false,
      partition: Object.fromEntries(partition) as DataFile['partition'],
    }
  })
}
