/**
 * The first byte of a value in the form of plain.ts.
 *
 * ```
 * 00–7f  an integer of 0 to 127
 * 80–bf  string 0 to 63 of those that came before
 * c0–df  object of shape 0 to 31: then one value a key
 * e0–    by TAG, below; sizes and counts are varints: seven bits a byte, lowest first
 * ```
 */
export const TAG = {
  null: 0xe0,
  undefined: 0xe1,
  false: 0xe2,
  true: 0xe3,
  /** Varint n: the number n. */
  integer: 0xe4,
  /** Varint n: the number -1 - n. */
  negative: 0xe5,
  /** Eight bytes. */
  double: 0xe6,
  /** Eight bytes, with sign. */
  bigint64: 0xe7,
  /** 0 or 1 for the sign, size in bytes, bytes of the absolute value, highest first. */
  bigint: 0xe8,
  /** Size, then one byte a character. */
  latin1: 0xe9,
  /** Number of code units, then two bytes each, lowest first: any string of JavaScript, whole. */
  utf16: 0xea,
  /** Index of a string that came before. */
  stringRef: 0xeb,
  /** Count, values. */
  array: 0xec,
  /** Count, then key and value in turn. */
  map: 0xed,
  set: 0xee,
  /** Number of keys, the keys as strings, then one value a key. The shape gets the next number. */
  newShape: 0xef,
  /** Index of a shape, one value a key. */
  shapeRef: 0xf0,
  /** Index in TYPED_ARRAYS, size in bytes, bytes. */
  typedArray: 0xf1,
  /** Eight bytes: milliseconds as a double. */
  date: 0xf2,
  /** Index in VALUE_CLASSES, then what its `pack` gives, as a value. */
  valueClass: 0xf3,
} as const

/** First byte of the short forms. */
export const SHORT_STRING_REF = 0x80
export const SHORT_SHAPE_REF = 0xc0
/** Numbers of strings and shapes that the short forms can name. */
export const SHORT_STRING_REFS = 64
export const SHORT_SHAPE_REFS = 32

/** Strings of these lengths are numbered as they come, so that a second one is a reference. */
export const MIN_NUMBERED_LENGTH = 2
export const MAX_NUMBERED_LENGTH = 128

/** Bytes of the absolute value of a bigint, at most. */
export const MAX_BIGINT_BYTES = 4096

/** What encodePlain nests at most; a structure that holds itself reaches it too. */
export const MAX_DEPTH = 2000

type Bytes = ArrayBufferView | ArrayBuffer

/** The kinds of arrays of numbers, in the order that names them on the way. */
export const TYPED_ARRAYS: readonly {
  readonly name: string
  readonly unit: number
  readonly make: (buffer: ArrayBuffer) => Bytes
}[] = [
  { name: 'Uint8Array', unit: 1, make: (buffer) => new Uint8Array(buffer) },
  { name: 'Int8Array', unit: 1, make: (buffer) => new Int8Array(buffer) },
  { name: 'Uint8ClampedArray', unit: 1, make: (buffer) => new Uint8ClampedArray(buffer) },
  { name: 'Int16Array', unit: 2, make: (buffer) => new Int16Array(buffer) },
  { name: 'Uint16Array', unit: 2, make: (buffer) => new Uint16Array(buffer) },
  { name: 'Int32Array', unit: 4, make: (buffer) => new Int32Array(buffer) },
  { name: 'Uint32Array', unit: 4, make: (buffer) => new Uint32Array(buffer) },
  { name: 'Float32Array', unit: 4, make: (buffer) => new Float32Array(buffer) },
  { name: 'Float64Array', unit: 8, make: (buffer) => new Float64Array(buffer) },
  { name: 'BigInt64Array', unit: 8, make: (buffer) => new BigInt64Array(buffer) },
  { name: 'BigUint64Array', unit: 8, make: (buffer) => new BigUint64Array(buffer) },
  { name: 'DataView', unit: 1, make: (buffer) => new DataView(buffer) },
  { name: 'ArrayBuffer', unit: 1, make: (buffer) => buffer },
]

/** Keys that no object may have, because assigning them changes what the object is. */
export function isForbiddenKey(key: string): boolean {
  return key === '__proto__' || key === 'constructor' || key === 'prototype'
}
