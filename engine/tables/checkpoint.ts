import { type RecordBatch, valueReader, vectorBuilder } from '../batch/index.ts'
import type { SourceContext } from '../connect/index.ts'
import { ParquetWriter, parquetSchema, readParquetMetadata, readRowGroup } from '../formats/parquet/index.ts'
import type { Region } from '../memory/index.ts'
import {
  type DataType,
  type Field,
  field,
  listType,
  mapType,
  type Schema,
  structType,
  types,
  type Value,
} from '../types/index.ts'
import { checkAction, type TableAction } from './actions.ts'

const TEXTS = mapType(types.string, types.string)

function struct(members: Readonly<Record<string, DataType>>): DataType {
  return structType(Object.entries(members).map(([name, type]) => field(name, type)))
}

/** One column an action, of which each row has one. */
const ACTIONS: readonly Field[] = [
  field('txn', struct({ appId: types.string, version: types.int64, lastUpdated: types.int64 })),
  field(
    'add',
    struct({
      path: types.string,
      partitionValues: TEXTS,
      size: types.int64,
      modificationTime: types.int64,
      dataChange: types.boolean,
      stats: types.string,
    }),
  ),
  field(
    'remove',
    struct({
      path: types.string,
      deletionTimestamp: types.int64,
      dataChange: types.boolean,
      extendedFileMetadata: types.boolean,
      partitionValues: TEXTS,
      size: types.int64,
    }),
  ),
  field(
    'metaData',
    struct({
      id: types.string,
      name: types.string,
      description: types.string,
      format: struct({ provider: types.string, options: TEXTS }),
      schemaString: types.string,
      partitionColumns: listType(types.string),
      configuration: TEXTS,
      createdTime: types.int64,
    }),
  ),
  field(
    'protocol',
    struct({
      minReaderVersion: types.int32,
      minWriterVersion: types.int32,
      readerFeatures: listType(types.string),
      writerFeatures: listType(types.string),
    }),
  ),
]

const SCHEMA: Schema = { fields: ACTIONS }
const BATCH_ROWS = 4096

/** Writes actions as a Parquet file of one row each. */
export async function writeCheckpoint(
  path: string,
  actions: readonly TableAction[],
  context: SourceContext,
): Promise<void> {
  const out = await context.fileSystem(path).create(path)
  const region = context.createRegion()
  try {
    const writer = new ParquetWriter(SCHEMA, out)
    for (let from = 0; from < actions.length; from += BATCH_ROWS) {
      region.reset()
      await writer.append(batchOf(actions.slice(from, from + BATCH_ROWS), region))
    }
    await writer.finish()
    await out.close()
  } catch (error) {
    await out.abort()
    throw error
  } finally {
    region.free()
  }
}

function batchOf(actions: readonly TableAction[], region: Region): RecordBatch {
  const columns = ACTIONS.map(({ name, type }) => {
    const builder = vectorBuilder(type, region)
    for (const action of actions) builder.append(valueOf(type, Reflect.get(action, name)))
    return builder.finish()
  })
  return { rowCount: actions.length, columns }
}

/** A piece of JSON as a value of a type; what JSON lacks is NULL. */
function valueOf(type: DataType, json: unknown): Value {
  if (json === undefined || json === null) return null
  switch (type.kind) {
    case 'struct':
      return type.fields.map((member) => valueOf(member.type, Reflect.get(Object(json), member.name)))
    case 'map':
      return Object.entries(Object(json)).map(([key, item]) => [key, valueOf(type.value, item)])
    case 'list':
      return (json as readonly unknown[]).map((item) => valueOf(type.element, item)) // As the parser checked.
    case 'int64':
      return BigInt(Math.trunc(Number(json)))
    default:
      return json as Value // As the parser checked.
  }
}

/** The actions of a checkpoint's file; members that we do not know are left out. */
export async function readCheckpoint(path: string, context: SourceContext): Promise<readonly TableAction[]> {
  const file = await context.fileSystem(path).open(path)
  const region = context.createRegion()
  const actions: TableAction[] = []
  try {
    const metadata = await readParquetMetadata(file)
    const { fields } = parquetSchema(metadata)
    const wanted = fields.filter(({ name }) => ACTIONS.some((known) => known.name === name))
    const names = wanted.map(({ name }) => name)
    for (const index of metadata.rowGroups.keys())
      for await (const { columns, rowCount } of readRowGroup(file, metadata, index, names, { region })) {
        const readers = columns.map(valueReader)
        for (let row = 0; row < rowCount; row++)
          for (const [column, { name, type }] of wanted.entries()) {
            const json = jsonOf(type, readers[column]!(row))
            if (json !== undefined) actions.push(checkAction({ [name]: json }, path, actions.length + 1))
          }
      }
    return actions
  } finally {
    region.free()
    await file.close()
  }
}

/** A value as the log's JSON would have it; NULL members are left out of structs, and kept in maps. */
function jsonOf(type: DataType, value: Value): unknown {
  if (value === null) return undefined
  switch (type.kind) {
    case 'struct': {
      const members = value as readonly Value[] // By the type.
      const pairs = type.fields.map((member, index) => [member.name, jsonOf(member.type, members[index]!)])
      return Object.fromEntries(pairs.filter(([, json]) => json !== undefined))
    }
    case 'map': {
      const entries = value as readonly (readonly [string, Value])[] // By the type.
      return Object.fromEntries(entries.map(([key, item]) => [key, jsonOf(type.value, item) ?? null]))
    }
    case 'list':
      return (value as readonly Value[]).map((item) => jsonOf(type.element, item) ?? null) // By the type.
    default:
      return typeof value === 'bigint' ? Number(value) : value
  }
}
