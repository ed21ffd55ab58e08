import { randomUUID } from 'node:crypto'
import type { FileSystem, WriteRequest } from '../../engine/connect/index.ts'
import { EngineError } from '../../engine/errors.ts'
import {
  formatSparkSchema,
  protocolFor,
  type TableAction,
  type TableSnapshot,
  writableSchema,
} from '../../engine/tables/index.ts'
import { typeName } from '../../engine/types/index.ts'

/** Whether there is nothing to do: the table has the stream's batch, or is there and shall be left alone. */
export function isDone({ transactions }: TableSnapshot, { stream, mode }: WriteRequest): boolean {
  if (stream === undefined) return mode === 'ignore'
  return (transactions.get(stream.queryId) ?? -1) >= stream.batchId
}

/** A new table begins in an empty folder. */
export async function checkPlace(fileSystem: FileSystem, path: string): Promise<void> {
  if ((await fileSystem.stat(path)) === null) return
  const members = await fileSystem.list(path)
  const other = members.find((member) => !/(^|\/)[_.][^/]*$/.test(member.path))
  if (other === undefined) return
  throw new EngineError('PATH_ALREADY_EXISTS', `folder "${path}" is no Delta table and not empty`, {
    hint: `It holds "${other.path}"; choose another folder.`,
  })
}

/** Whether rows of the request may go into the table as it is now. */
export function checkWrite(snapshot: TableSnapshot, request: WriteRequest, overwritesSchema: boolean): void {
  const { path, metaData } = snapshot
  const { mode } = request
  if (mode === 'error')
    throw new EngineError('PATH_ALREADY_EXISTS', `table "${path}" already exists`, {
      hint: "Choose another path, or mode 'overwrite' or 'append'.",
    })
  const schema = writableSchema(snapshot)
  if (mode === 'overwrite' && metaData.configuration['delta.appendOnly'] === 'true')
    throw new EngineError('UNSUPPORTED_FEATURE', `overwriting table "${path}", which is append-only`)
  if (mode === 'overwrite' && overwritesSchema) return
  const [own, given] = [metaData.partitionColumns, request.partitionColumns]
  if (own.join('\n') !== given.join('\n'))
    throw mismatch(path, `is partitioned by ${listOf(own)}, not by ${listOf(given)}`, 'partitionBy')
  for (const { name, type, nullable } of schema.fields) {
    const written = request.schema.fields.find((field) => field.name === name)
    if (written === undefined) throw mismatch(path, `has column "${name}", which the rows lack`)
    if (typeName(written.type) !== typeName(type))
      throw mismatch(path, `has column "${name}" of type ${typeName(type)}, not ${typeName(written.type)}`)
    if (!nullable && written.nullable) throw mismatch(path, `lets no NULL into column "${name}"`)
  }
  const names = new Set(schema.fields.map(({ name }) => name))
  const extra = request.schema.fields.find(({ name }) => !names.has(name))
  if (extra !== undefined) throw mismatch(path, `has no column "${extra.name}"`)
}

function listOf(columns: readonly string[]): string {
  return columns.length === 0 ? 'nothing' : columns.map((name) => `"${name}"`).join(', ')
}

function mismatch(path: string, what: string, method = 'select'): EngineError {
  return new EngineError('SCHEMA_MISMATCH', `table "${path}" ${what}`, {
    hint:
      method === 'partitionBy'
        ? 'Give partitionBy the columns of the table, in their order.'
        : "Select the table's columns, or overwrite it with option overwriteSchema.",
  })
}

/** What a commit says of itself: who wrote, and which batch of which stream. */
export function headOf(request: WriteRequest, snapshot: TableSnapshot | null): readonly TableAction[] {
  const { stream, mode, partitionColumns } = request
  const timestamp = Date.now()
  const commitInfo = {
    timestamp,
    operation: stream === undefined ? 'WRITE' : 'STREAMING UPDATE',
    operationParameters:
      stream === undefined
        ? {
            mode: mode === 'overwrite' ? 'Overwrite' : 'Append',
            partitionBy: JSON.stringify(partitionColumns),
          }
        : {
            outputMode: mode === 'overwrite' ? 'Complete' : 'Append',
            queryId: stream.queryId,
            epochId: String(stream.batchId),
          },
    ...(snapshot === null ? {} : { readVersion: snapshot.version }),
    isBlindAppend: mode !== 'overwrite',
    engineInfo: 'Millrace',
  }
  if (stream === undefined) return [{ commitInfo }]
  const txn = { appId: stream.queryId, version: stream.batchId, lastUpdated: timestamp }
  return [{ commitInfo }, { txn }]
}

/** What a write changes of the table beside adding files: makes it, or takes away the files it had. */
export function tableActions(
  request: WriteRequest,
  snapshot: TableSnapshot | null,
  overwritesSchema: boolean,
): readonly TableAction[] {
  const { schema, partitionColumns, mode } = request
  const actions: TableAction[] = []
  if (snapshot === null) actions.push({ protocol: protocolFor(schema) })
  if (snapshot === null || (overwritesSchema && mode === 'overwrite'))
    actions.push({
      metaData: {
        id: snapshot?.metaData.id ?? randomUUID(),
        format: { provider: 'parquet', options: {} },
        schemaString: formatSparkSchema(schema),
        partitionColumns,
        configuration: snapshot?.metaData.configuration ?? {},
        createdTime: snapshot?.metaData.createdTime ?? Date.now(),
      },
    })
  if (snapshot === null || mode !== 'overwrite') return actions
  const deletionTimestamp = Date.now()
  for (const { path, partitionValues, size } of snapshot.files.values())
    actions.push({
      remove: {
        path,
        deletionTimestamp,
        dataChange: true,
        extendedFileMetadata: true,
        partitionValues,
        size,
      },
    })
  return actions
}
