import { type RecordBatch, valueReader } from '../../engine/batch/index.ts'
import { EngineError } from '../../engine/errors.ts'
import {
  type Field,
  formatDays,
  formatMicros,
  formatUnscaled,
  type Schema,
  type Value,
} from '../../engine/types/index.ts'
import { escapeName, NULL_PARTITION } from './list-files.ts'

/** The partition folder of every row: `names[codes[row]]`, such as `country=FR/month=2011-12`. */
export interface PartitionFolders {
  readonly codes: Int32Array
  readonly names: readonly string[]
}

/** The folders that rows belong to by their partition columns; without such columns all belong to ''. */
export function partitionFolders(
  batch: RecordBatch,
  schema: Schema,
  columns: readonly string[],
): PartitionFolders {
  const codes = new Int32Array(batch.rowCount)
  if (columns.length === 0) return { codes, names: [''] }
  const readers = columns.map((name) => {
    const index = schema.fields.findIndex((field) => field.name === name)
    return {
      field: schema.fields[index]!,
      read: valueReader(batch.columns[index]!),
      texts: new Map<Value, string>(),
    }
  })
  const names: string[] = []
  const known = new Map<string, number>()
  for (let row = 0; row < batch.rowCount; row++) {
    const name =
      readers.length === 1 ? folderOf(readers[0]!, row) : readers.map((each) => folderOf(each, row)).join('/')
    let code = known.get(name)
    if (code === undefined) {
      code = names.length
      names.push(name)
      known.set(name, code)
    }
    codes[row] = code
  }
  return { codes, names }
}

interface ColumnReader {
  readonly field: Field
  readonly read: (row: number) => Value
  /** Folder names of the values met so far. */
  readonly texts: Map<Value, string>
}

function folderOf({ field, read, texts }: ColumnReader, row: number): string {
  const value = read(row)
  const known = texts.get(value)
  if (known !== undefined) return known
  const name = folderName(field, value)
  texts.set(value, name)
  return name
}

function folderName(field: Field, value: Value): string {
  const text = value === null || value === '' ? NULL_PARTITION : escapeName(textOf(field, value))
  return `${escapeName(field.name)}=${text}`
}

function textOf(field: Field, value: Value): string {
  switch (field.type.kind) {
    case 'date':
      return formatDays(value as number)
    case 'timestamp':
    case 'timestamp_ntz':
      return formatMicros(value as bigint)
    case 'decimal':
      return formatUnscaled(value as bigint, field.type.scale)
    case 'binary':
    case 'list':
    case 'map':
    case 'struct':
      throw new EngineError(
        'UNSUPPORTED_FEATURE',
        `column "${field.name}" of type ${field.type.kind} as partition`,
      )
    default:
      return String(value)
  }
}
