import type { DataType, Value } from '../../types/index.ts'

/** Orders two values of one type, neither NULL: negative, zero or positive. */
export type ValueOrder = (a: Value, b: Value) => number

/**
 * The order of a type's values: NaN is the greatest float, text goes by UTF-8 bytes, NULL inside lists and
 * structs comes first, maps are compared entry by entry.
 */
export function valueOrder(type: DataType): ValueOrder {
  switch (type.kind) {
    case 'float32':
    case 'float64':
      return (a, b) => compareFloats(a as number, b as number)
    case 'string':
      return (a, b) => compareText(a as string, b as string)
    case 'binary':
      return (a, b) => Buffer.compare(a as Uint8Array, b as Uint8Array)
    case 'list':
      return listOrder(valueOrder(type.element))
    case 'struct': {
      const orders = type.fields.map((field) => valueOrder(field.type))
      return (a, b) => compareMembers(orders, a as readonly Value[], b as readonly Value[])
    }
    case 'map': {
      const orders = [valueOrder(type.key), valueOrder(type.value)]
      return listOrder((a, b) => compareMembers(orders, a as readonly Value[], b as readonly Value[]))
    }
    case 'null':
      return () => 0
    default:
      return (a, b) => (a! < b! ? -1 : a! > b! ? 1 : 0)
  }
}

function compareFloats(a: number, b: number): number {
  if (a < b) return -1
  if (a > b) return 1
  if (a === b) return 0
  return (Number.isNaN(a) ? 1 : 0) - (Number.isNaN(b) ? 1 : 0)
}

/** Compares text as its UTF-8 bytes would: by code point, where JavaScript goes by UTF-16 units. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return rank(x) - rank(y)
  }
  return a.length - b.length
}

/** Surrogates stand for code points above all others. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}

function withNulls(order: ValueOrder): ValueOrder {
  return (a, b) => {
    if (a === null || b === null) return (a === null ? 0 : 1) - (b === null ? 0 : 1)
    return order(a, b)
  }
}

function listOrder(element: ValueOrder): ValueOrder {
  const order = withNulls(element)
  return (a, b) => {
    const left = a as readonly Value[]
    const right = b as readonly Value[]
    const length = Math.min(left.length, right.length)
    for (let i = 0; i < length; i++) {
      const result = order(left[i]!, right[i]!)
      if (result !== 0) return result
    }
    return left.length - right.length
  }
}

function compareMembers(orders: readonly ValueOrder[], a: readonly Value[], b: readonly Value[]): number {
  for (let i = 0; i < orders.length; i++) {
    const result = withNulls(orders[i]!)(a[i]!, b[i]!)
    if (result !== 0) return result
  }
  return 0
}

/** A key that is equal for equal values, for sets and maps. */
export function valueKey(value: Value): string | number | bigint | boolean {
  if (value === null) return 'null'
  if (typeof value === 'number') return value === 0 ? 0 : value
  if (typeof value === 'object')
    return value instanceof Uint8Array
      ? Buffer.from(value).toString('latin1')
      : `[${value.map(partKey).join(',')}]`
  return value
}

/** The key of an element with its type and length, so that no two lists of elements run together alike. */
function partKey(part: Value): string {
  const key = String(valueKey(part))
  return `${typeof part}:${key.length}:${key}`
}
