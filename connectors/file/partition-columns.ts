import { constantVector, type RecordBatch } from '../../engine/batch/index.ts'
import type { ColumnPredicate, ScanRequest, TableDescription } from '../../engine/connect/index.ts'
import { EngineError } from '../../engine/errors.ts'
import { parseDate, parseDecimal, parseInteger, parseTimestampNtz } from '../../engine/functions/index.ts'
import type { Region } from '../../engine/memory/index.ts'
import { type DataType, type Field, field, type Schema, types, type Value } from '../../engine/types/index.ts'
import type { DataFile } from './list-files.ts'

/**
 * The partition columns of a set of files, with types that all their values fit: int, bigint, double, date or
 * string.
 */
export function partitionFields(files: readonly DataFile[]): readonly Field[] {
  const names = Object.keys(files[0]?.partition ?? {})
  const odd = files.find((file) => Object.keys(file.partition).join('/') !== names.join('/'))
  if (odd !== undefined)
    throw new EngineError(
      'SCHEMA_MISMATCH',
      `"${odd.path}" lies in other partition folders than "${files[0]!.path}"`,
      {
        hint: 'All data files of a table must lie at the same depth, in folders of the same column names.',
      },
    )
  return names.map((name) => {
    const texts = new Set(files.map((file) => file.partition[name] ?? null))
    return field(name, commonType([...texts].filter((text) => text !== null)))
  })
}

function commonType(texts: readonly string[]): DataType {
  if (texts.length === 0) return types.string
  if (texts.every((text) => /^-?(0|[1-9]\d{0,8})$/.test(text))) return types.int32
  if (texts.every((text) => /^-?(0|[1-9]\d{0,17})$/.test(text))) return types.int64
  if (texts.every((text) => /^-?\d+\.\d+$/.test(text))) return types.float64
  if (texts.every((text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && parseDate(text) !== undefined))
    return types.date
  return types.string
}

/** A table by the columns of its files, without those that folders give, then these. */
export function tableOfFiles(
  fileFields: readonly Field[],
  files: readonly DataFile[],
): TableDescription & { readonly statistics: { readonly sizeBytes: number } } {
  const partitions = partitionFields(files)
  const partitionColumns = partitions.map(({ name }) => name)
  const fields = fileFields.filter(({ name }) => !partitionColumns.includes(name))
  const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0)
  return { schema: { fields: [...fields, ...partitions] }, partitionColumns, statistics: { sizeBytes } }
}

/** The files that their folders do not rule out, and a note for EXPLAIN where there are such folders. */
export function pruneFiles(
  files: readonly DataFile[],
  { schema, predicates }: ScanRequest,
): { readonly kept: readonly DataFile[]; readonly notes: string[] } {
  const kept = files.filter((file) => partitionMatches(file, schema, predicates))
  const hasFolders = partitionFields(files).length > 0
  return { kept, notes: hasFolders ? [`partitions: ${kept.length} of ${files.length} files`] : [] }
}

/** The value that a folder's text stands for. SCHEMA_MISMATCH if it does not fit the column's type. */
export function partitionValue(text: string | null, column: Field): Value {
  if (text === null) return null
  switch (column.type.kind) {
    case 'string':
      return text
    case 'int8':
    case 'int16':
    case 'int32':
      return checked(Number(text), text, column)
    case 'int64':
      return checked(parseInteger(text), text, column)
    case 'float32':
    case 'float64':
      return checked(Number(text), text, column)
    case 'boolean':
      return text.toLowerCase() === 'true'
    case 'date':
      return checked(parseDate(text), text, column)
    case 'timestamp':
    case 'timestamp_ntz':
      return checked(parseTimestampNtz(text), text, column)
    case 'decimal':
      return checked(parseDecimal(text, column.type.scale), text, column)
    default:
      throw new EngineError(
        'UNSUPPORTED_FEATURE',
        `column "${column.name}" of type ${column.type.kind} as partition`,
      )
  }
}

function checked<T extends Value>(value: T | undefined, text: string, column: Field): T {
  if (value === undefined || Number.isNaN(value))
    throw new EngineError(
      'SCHEMA_MISMATCH',
      `partition folder "${column.name}=${text}" is no ${column.type.kind}`,
    )
  return value
}

/**
 * Whether a file may hold rows that meet the predicates on partition columns, whose types the table's schema
 * says.
 */
export function partitionMatches(
  file: DataFile,
  schema: Schema,
  predicates: readonly ColumnPredicate[],
): boolean {
  return predicates.every((predicate) => {
    if (!Object.hasOwn(file.partition, predicate.column)) return true
    const column = schema.fields.find((candidate) => candidate.name === predicate.column)!
    return valueMatches(partitionValue(file.partition[column.name] ?? null, column), predicate)
  })
}

function valueMatches(value: Value, { op, values }: ColumnPredicate): boolean {
  if (op === 'isnull') return value === null
  if (value === null) return false
  const [first] = values
  switch (op) {
    case 'isnotnull':
      return true
    case '=':
      return value === first
    case 'in':
      return values.includes(value)
    case '<':
      return value < first!
    case '<=':
      return value <= first!
    case '>':
      return value > first!
    case '>=':
      return value >= first!
  }
}

/**
 * The batch with the columns a scan asked for, in its order: those of the file by position in `fileColumns`,
 * and partition columns as constants.
 */
export function withPartitionColumns(
  batch: RecordBatch,
  fileColumns: readonly string[],
  wanted: readonly string[],
  schema: Schema,
  partition: DataFile['partition'],
  region: Region,
): RecordBatch {
  const columns = wanted.map((name) => {
    const index = fileColumns.indexOf(name)
    if (index >= 0) return batch.columns[index]!
    const column = schema.fields.find((candidate) => candidate.name === name)!
    return constantVector(
      column.type,
      partitionValue(partition[name] ?? null, column),
      batch.rowCount,
      region,
    )
  })
  return { rowCount: batch.rowCount, columns }
}
