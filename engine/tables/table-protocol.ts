import { EngineError } from '../errors.ts'
import type { DataType, Schema } from '../types/index.ts'
import type { TableProtocol } from './actions.ts'
import { parseSparkSchema, type SparkSchema } from './spark-schema.ts'
import type { TableSnapshot } from './table-log.ts'

/** Features by name that reader version 3 and writer version 7 ask for, and that are no matter for us. */
const READ_FEATURES: readonly string[] = ['timestampNtz']
const WRITE_FEATURES: readonly string[] = ['timestampNtz', 'appendOnly', 'invariants']

/** What a new table of this schema asks of its readers and writers. */
export function protocolFor(schema: Schema): TableProtocol {
  const hasLocalTimes = schema.fields.some(({ type }) => holdsLocalTime(type))
  if (!hasLocalTimes) return { minReaderVersion: 1, minWriterVersion: 2 }
  const features = ['timestampNtz']
  return {
    minReaderVersion: 3,
    minWriterVersion: 7,
    readerFeatures: features,
    writerFeatures: [...features, 'appendOnly', 'invariants'],
  }
}

function holdsLocalTime(type: DataType): boolean {
  switch (type.kind) {
    case 'timestamp_ntz':
      return true
    case 'list':
      return holdsLocalTime(type.element)
    case 'map':
      return holdsLocalTime(type.key) || holdsLocalTime(type.value)
    case 'struct':
      return type.fields.some((field) => holdsLocalTime(field.type))
    default:
      return false
  }
}

/** The schema of a table that we can read; UNSUPPORTED_FEATURE names what we do not know. */
export function readableSchema({ path, protocol, metaData }: TableSnapshot): SparkSchema {
  const { minReaderVersion, readerFeatures } = protocol
  const unknown = (readerFeatures ?? []).find((name) => !READ_FEATURES.includes(name))
  if (minReaderVersion > 3) throw unsupported(path, `reader version ${minReaderVersion}`)
  if (unknown !== undefined) throw unsupported(path, `feature "${unknown}"`)
  const mapping = metaData.configuration['delta.columnMapping.mode'] ?? 'none'
  if (mapping !== 'none') throw unsupported(path, `column mapping "${mapping}"`)
  return parseSparkSchema(metaData.schemaString, path)
}

/** The schema of a table that we can also write. */
export function writableSchema(snapshot: TableSnapshot): SparkSchema {
  const { path, protocol } = snapshot
  const schema = readableSchema(snapshot)
  const { minWriterVersion, writerFeatures } = protocol
  const unknown = (writerFeatures ?? []).find((name) => !WRITE_FEATURES.includes(name))
  if (minWriterVersion > 2 && minWriterVersion !== 7)
    throw unsupported(path, `writer version ${minWriterVersion}`)
  if (unknown !== undefined) throw unsupported(path, `feature "${unknown}" for writers`)
  for (const [name, metadata] of schema.metadata)
    if ('delta.invariants' in metadata) throw unsupported(path, `the invariant of column "${name}"`)
  return schema
}

function unsupported(path: string, what: string): EngineError {
  return new EngineError('UNSUPPORTED_FEATURE', `${what} of Delta table "${path}"`, {
    hint: 'Tables of reader version 1 and writer version 2 are read and written.',
  })
}
