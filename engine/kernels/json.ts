import { type KernelHost, kernelsOf } from './load.ts'

interface JsonKernels {
  jsonScan(text: number, from: number, end: number, control: number, maxRows: number): number
}

/** Words of the block that `scanJson` is told by. */
export const JSON_CONTROL = {
  columnCount: 0,
  /** Address of an address a column: where its fields go, a pair of int32 a row. */
  cells: 1,
  rowStarts: 2,
  rowEnds: 3,
  /** Before: rows that are there already; after: rows. */
  rowCount: 4,
  /** Address of the slots, how many there are, and most of them. */
  slots: 5,
  slotCount: 6,
  maxSlots: 7,
  /** Room for names that nobody wants, which is not full: a slot each makes them quick to skip. */
  names: 8,
  namesEnd: 9,
  /** Address of an int32 a column, 0 at first. */
  seen: 10,
  stamp: 11,
  /** For the kernel. */
  at: 12,
  length: 13,
} as const

/**
 * Words of a slot: address of a name with `":` behind it and the length of that (-1: no name), the column
 * (-1: none), and the slot that came next the last time. The first two slots have no name.
 */
export const JSON_SLOT = { name: 0, length: 1, column: 2, next: 3, words: 4 } as const

/**
 * Scans whole lines of `text[from, end)`, each an object, until there are `maxRows` or one comes that only
 * the slow scanner understands. Gives where the first record begins that was not scanned.
 */
export function scanJson(
  host: KernelHost,
  text: Uint8Array,
  from: number,
  end: number,
  control: Int32Array,
  maxRows: number,
): number {
  return kernelsOf<JsonKernels>(host).jsonScan(text.byteOffset, from, end, control.byteOffset, maxRows)
}
