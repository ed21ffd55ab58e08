import { setBit } from '../batch/index.ts'
import { type DataType, mapEntryType, type Value } from '../types/index.ts'

/** A column in ordinary memory, in Arrow's layout. */
export interface PlainColumn {
  readonly length: number
  readonly nullCount: number
  readonly nullBitmap: Uint8Array | null
  readonly data?: ArrayBufferView | undefined
  readonly valueOffsets?: Int32Array | undefined
  readonly children?: readonly PlainColumn[] | undefined
}

/** Values in Arrow's layout. The slow, general way, for what is rare. */
export function plainColumn(type: DataType, values: readonly Value[]): PlainColumn {
  const { length } = values
  const nullCount = values.reduce<number>((count, value) => count + (value === null ? 1 : 0), 0)
  const base = {
    length,
    nullCount,
    nullBitmap: nullCount === 0 ? null : bitmapOf(values, (value) => value !== null),
  }
  switch (type.kind) {
    case 'null':
      return { ...base, nullBitmap: null }
    case 'string':
    case 'binary':
      return { ...base, ...bytesOf(values as readonly (string | Uint8Array | null)[]) }
    case 'list':
    case 'map': {
      const lists = values as readonly (readonly Value[] | null)[]
      const element = type.kind === 'map' ? mapEntryType(type) : type.element
      const valueOffsets = new Int32Array(length + 1)
      lists.forEach((list, row) => {
        valueOffsets[row + 1] = valueOffsets[row]! + (list?.length ?? 0)
      })
      return {
        ...base,
        valueOffsets,
        children: [
          plainColumn(
            element,
            lists.flatMap((list) => list ?? []),
          ),
        ],
      }
    }
    case 'struct': {
      const rows = values as readonly (readonly Value[] | null)[]
      const children = type.fields.map((field, index) =>
        plainColumn(
          field.type,
          rows.map((row) => row?.[index] ?? null),
        ),
      )
      return { ...base, children }
    }
    default:
      return { ...base, data: fixedOf(type, values) }
  }
}

function bitmapOf(values: readonly Value[], test: (value: Value) => boolean): Uint8Array {
  const bits = new Uint8Array((values.length + 7) >> 3)
  values.forEach((value, row) => {
    if (test(value)) setBit(bits, row)
  })
  return bits
}

function bytesOf(values: readonly (string | Uint8Array | null)[]): {
  valueOffsets: Int32Array
  data: Uint8Array
} {
  const pieces = values.map((value) =>
    typeof value === 'string' ? Buffer.from(value) : (value ?? new Uint8Array()),
  )
  const valueOffsets = new Int32Array(values.length + 1)
  pieces.forEach((piece, row) => {
    valueOffsets[row + 1] = valueOffsets[row]! + piece.length
  })
  return { valueOffsets, data: new Uint8Array(Buffer.concat(pieces)) }
}

function fixedOf(type: DataType, values: readonly Value[]): ArrayBufferView {
  const numbers = (): number[] => values.map((value) => Number(value ?? 0))
  switch (type.kind) {
    case 'boolean':
      return bitmapOf(values, (value) => value === true)
    case 'int8':
      return Int8Array.from(numbers())
    case 'int16':
      return Int16Array.from(numbers())
    case 'int32':
    case 'date':
    case 'interval_ym':
      return Int32Array.from(numbers())
    case 'float32':
      return Float32Array.from(numbers())
    case 'float64':
      return Float64Array.from(numbers())
    case 'decimal': {
      const lanes = values.flatMap((value) => [
        BigInt.asIntN(64, (value ?? 0n) as bigint),
        ((value ?? 0n) as bigint) >> 64n,
      ])
      return new Uint32Array(BigInt64Array.from(lanes).buffer)
    }
    default:
      return BigInt64Array.from(values, (value) => (value ?? 0n) as bigint)
  }
}
