import type { DataType as ArrowType, Data, Table } from 'apache-arrow'
import {
  type BytesVector,
  type ConstantVector,
  type DictionaryVector,
  type FixedVector,
  type ListVector,
  type RecordBatch,
  type Vector,
  valueReader,
  widen,
} from '../batch/index.ts'
import type { Schema } from '../types/index.ts'
import { toArrowField } from './arrow-type.ts'
import { type Arrow, loadArrow } from './load-arrow.ts'
import { type PlainColumn, plainColumn } from './plain-column.ts'

/**
 * Batches as a table of the package apache-arrow, one record batch each. Every buffer is a copy of its own
 * outside the arena, so the batches may go afterwards, and no two columns share memory. Strings come without
 * dictionary.
 */
export async function toArrow(
  schema: Schema,
  batches: AsyncIterable<RecordBatch> | Iterable<RecordBatch>,
  { timeZone = 'UTC' }: { readonly timeZone?: string } = {},
): Promise<Table> {
  const arrow = await loadArrow()
  const arrowSchema = new arrow.Schema(schema.fields.map((field) => toArrowField(arrow, field, timeZone)))
  const chunks: InstanceType<Arrow['RecordBatch']>[] = []
  for await (const batch of batches) {
    const children: Data[] = []
    for (const [index, column] of batch.columns.entries()) {
      if (index > 0) await turn()
      children.push(toData(arrow, column, arrowSchema.fields[index]!.type))
    }
    const type = new arrow.Struct(arrowSchema.fields)
    const data = arrow.makeData({ type, length: batch.rowCount, nullCount: 0, children: children as never })
    chunks.push(new arrow.RecordBatch(arrowSchema, data as never))
  }
  return new arrow.Table(arrowSchema, chunks)
}

/** Lets the event loop do other work between two columns. */
async function turn(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve))
}

/** Common parts of Data. */
interface Base {
  readonly length: number
  readonly nullCount: number
  readonly nullBitmap: Uint8Array | null
}

/** One column as Arrow data, copied. */
function toData(arrow: Arrow, vector: Vector, type: ArrowType): Data {
  switch (vector.encoding) {
    case 'fixed':
      return make(arrow, type, baseOf(vector), { data: fixedValues(vector) })
    case 'bytes':
      return make(arrow, type, baseOf(vector), copyBytes(vector))
    case 'dictionary':
    case 'constant':
      return expand(arrow, vector, type)
    case 'list':
      return listData(arrow, vector, type)
    case 'struct': {
      const children = vector.children.map((child, index) => toData(arrow, child, childType(type, index)))
      return make(arrow, type, baseOf(vector), { children })
    }
    case 'null':
      return make(arrow, type, { length: vector.length, nullCount: vector.length, nullBitmap: null }, {})
  }
}

/**
 * The property types of makeData depend on the type in ways that data known only at run time cannot follow.
 */
function make(arrow: Arrow, type: ArrowType, base: Base, parts: object): Data {
  return arrow.makeData({ type, ...base, ...parts } as never)
}

function childType(type: ArrowType, index: number): ArrowType {
  return (type.children as readonly { readonly type: ArrowType }[])[index]!.type
}

function baseOf({ length, nullCount, validity }: Vector): Base {
  return { length, nullCount, nullBitmap: validity === null ? null : validity.slice(0, (length + 7) >> 3) }
}

function fixedValues({ type, values, lanes, length }: FixedVector): ArrayBufferView {
  if (type.kind === 'boolean') return (values as Uint8Array).slice(0, (length + 7) >> 3)
  if (type.kind !== 'decimal') return values.slice(0, length)
  const wide = new BigInt64Array(length * 2)
  if (lanes === 1) widen(values as BigInt64Array, length, wide)
  else wide.set((values as BigInt64Array).subarray(0, length * 2))
  return new Uint32Array(wide.buffer)
}

function copyBytes({ offsets, bytes, length }: BytesVector): { valueOffsets: Int32Array; data: Uint8Array } {
  const start = offsets[0]!
  const valueOffsets = new Int32Array(length + 1)
  for (let row = 0; row <= length; row++) valueOffsets[row] = offsets[row]! - start
  return { valueOffsets, data: bytes.slice(start, offsets[length]!) }
}

function listData(arrow: Arrow, vector: ListVector, type: ArrowType): Data {
  const { offsets, length } = vector
  const valueOffsets = offsets.slice(0, length + 1)
  const child = toData(arrow, vector.child, childType(type, 0))
  return make(arrow, type, baseOf(vector), { valueOffsets, child })
}

/** Rows of a dictionary or constant one by one. Strings are gathered as bytes, the rest as values. */
function expand(arrow: Arrow, vector: DictionaryVector | ConstantVector, type: ArrowType): Data {
  const entries = vector.encoding === 'dictionary' ? vector.dictionary : vector.value
  const codes = vector.encoding === 'dictionary' ? vector.codes : null
  if (entries.encoding === 'bytes')
    return make(arrow, type, baseOf(vector), gatherBytes(entries, codes, vector))
  const read = valueReader(vector)
  const values = Array.from({ length: vector.length }, (_, row) => read(row))
  return plainData(arrow, plainColumn(vector.type, values), type)
}

/** Entry `codes[row]` for every row (null: entry 0); nothing for rows that are NULL. */
function gatherBytes(
  { offsets, bytes }: BytesVector,
  codes: Int32Array | null,
  { validity, length }: Vector,
): { valueOffsets: Int32Array; data: Uint8Array } {
  const valueOffsets = new Int32Array(length + 1)
  let size = 0
  for (let row = 0; row < length; row++) {
    const isValid = validity === null || (validity[row >> 3]! & (1 << (row & 7))) !== 0
    const code = codes === null ? 0 : codes[row]!
    if (isValid) size += offsets[code + 1]! - offsets[code]!
    valueOffsets[row + 1] = size
  }
  const data = new Uint8Array(size)
  for (let row = 0; row < length; row++) {
    const at = valueOffsets[row]!
    if (valueOffsets[row + 1]! === at) continue
    const code = codes === null ? 0 : codes[row]!
    data.set(bytes.subarray(offsets[code]!, offsets[code + 1]!), at)
  }
  return { valueOffsets, data }
}

function plainData(arrow: Arrow, column: PlainColumn, type: ArrowType): Data {
  const { length, nullCount, nullBitmap, data, valueOffsets, children } = column
  const made = children?.map((child, index) => plainData(arrow, child, childType(type, index)))
  const nested =
    made === undefined ? {} : valueOffsets === undefined ? { children: made } : { child: made[0] }
  const parts = { ...(data && { data }), ...(valueOffsets && { valueOffsets }), ...nested }
  return make(arrow, type, { length, nullCount, nullBitmap }, parts)
}
