import { type KernelHost, kernelsOf } from './load.ts'

interface RowKernels {
  putRows(control: number, from: number, count: number): number
  floatSlots(
    values: number,
    validity: number,
    count: number,
    slots: number,
    odd: number,
    width: number,
  ): number
}

/** Words of the block that `putRows` is told by. */
export const ROWS_CONTROL = {
  /** Address of `ROWS_COLUMN.words` words a column. */
  columns: 0,
  columnCount: 1,
  /** Where lines go, and where that ends; 64 bytes behind may be written. */
  out: 2,
  outEnd: 3,
  /** What a line begins and ends with: address and length. */
  rowStart: 4,
  rowEnd: 6,
  /** Most bytes of a line without its strings. */
  rowBytes: 8,
  /** After: bytes of the lines. */
  written: 9,
  /** Bytes of CSV: between fields, around them, before a quote within, and of the line's end. */
  separator: 10,
  quote: 11,
  escape: 12,
  lineEnd: 13,
  /** What an empty string is: address and length. */
  empty: 14,
  length: 16,
} as const

/** Words of a column. */
export const ROWS_COLUMN = {
  kind: 0,
  values: 1,
  /** Address of the bits, or 0; a row without its bit is NULL. */
  validity: 2,
  /** Address of an int32 a row, or 0: which value is the row's. */
  codes: 3,
  /** Of strings. */
  offsets: 4,
  /** Separator and name: address and length. The first value of a line goes without its first byte. */
  prefix: 5,
  scale: 7,
  style: 8,
  /** What NULL is: address and length; length -1: the value is left out, with its prefix. */
  nullText: 9,
  /** Address of the seconds that clocks are ahead of UTC, an int32 a value; 0: none. */
  shifts: 11,
  showsShift: 12,
  /** 10 to the power of `scale`, 64 bits. */
  unit: 14,
  words: 16,
} as const

/** How values lie and look. */
export const ROWS_KIND = {
  boolean: 1,
  int8: 2,
  int16: 3,
  int32: 4,
  int64: 5,
  /** One lane; two. */
  decimal: 6,
  wideDecimal: 7,
  date: 8,
  /** `2024-01-31 12:00:00.5`; `2024-01-31T12:00:00.500`. */
  moment: 9,
  isoMoment: 10,
  /** Texts in slots of `SLOT_BYTES`, behind their length. */
  slots: 11,
  texts: 12,
  /** Days whose years are those of their era: before 1 they count backwards. */
  eraDate: 13,
} as const

/** Quotes about values; for values that are no strings any style but `plain` means quoted. */
export const ROWS_STYLE = { plain: 0, quotedIfNeeded: 1, quoted: 2, json: 3 } as const

/** Most bytes of a value that is no string, with quotes, and room for the kernel. */
export const CELL_BYTES = 104

/** A slot: length, then up to 31 bytes. */
export const SLOT_BYTES = 32

/** Writes rows as lines from row `from` on while there is room; gives the row that is next. */
export function putRows(host: KernelHost, control: Int32Array, from: number, count: number): number {
  return kernelsOf<RowKernels>(host).putRows(control.byteOffset, from, count)
}

/**
 * Floats as Java prints them into slots, one a value. Gives the number of those, listed in `odd`, that it
 * leaves to the slow path: with an exponent, many digits, or none.
 */
export function floatSlots(
  host: KernelHost,
  values: Float32Array | Float64Array,
  validity: Uint8Array | null,
  slots: Uint8Array,
  odd: Int32Array,
): number {
  return kernelsOf<RowKernels>(host).floatSlots(
    values.byteOffset,
    validity?.byteOffset ?? 0,
    values.length,
    slots.byteOffset,
    odd.byteOffset,
    values.BYTES_PER_ELEMENT,
  )
}
