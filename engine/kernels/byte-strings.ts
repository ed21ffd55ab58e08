import type { WantedRows } from './hybrid.ts'
import { type KernelHost, kernelsOf } from './load.ts'

interface ByteStringKernels {
  plainStrings(at: number, end: number, count: number, offsets: number, bytes: number): number
  skipPlainStrings(at: number, end: number, count: number): number
  plainStringsAt(
    at: number,
    end: number,
    base: number,
    count: number,
    rows: number,
    rowCount: number,
    offsets: number,
    bytes: number,
  ): number
  entriesBytes(codes: number, count: number, offsets: number): number
  copyEntries(
    codes: number,
    count: number,
    offsets: number,
    bytes: number,
    outOffsets: number,
    outBytes: number,
  ): void
}

/** Strings as they are built: the last ends at `offsets[row]`. Buffers lie in the arena. */
interface StringsOut {
  readonly offsets: Int32Array
  readonly bytes: Uint8Array
}

/**
 * Copies `count` PLAIN byte arrays from `input[from .. end)` behind string `row` of `out`, whose bytes must
 * have room for `end - from` more. Gives where the next begins, or -1 if they do not fit into the input.
 */
export function readPlainStrings(
  host: KernelHost,
  input: Uint8Array,
  from: number,
  end: number,
  count: number,
  { offsets, bytes }: StringsOut,
  row: number,
): number {
  const base = input.byteOffset
  const { plainStrings } = kernelsOf<ByteStringKernels>(host)
  const next = plainStrings(base + from, base + end, count, offsets.byteOffset + 4 * row, bytes.byteOffset)
  return next === 0 ? -1 : (next >>> 0) - base
}

/** As `readPlainStrings`, for the wanted of the next `count`, which are rows `base` on. */
export function readPlainStringsAt(
  host: KernelHost,
  input: Uint8Array,
  from: number,
  end: number,
  base: number,
  count: number,
  wanted: WantedRows,
  { offsets, bytes }: StringsOut,
  row: number,
): number {
  const start = input.byteOffset
  const next = kernelsOf<ByteStringKernels>(host).plainStringsAt(
    start + from,
    start + end,
    base,
    count,
    wanted.rows.byteOffset + 4 * wanted.from,
    wanted.to - wanted.from,
    offsets.byteOffset + 4 * row,
    bytes.byteOffset,
  )
  return next === 0 ? -1 : (next >>> 0) - start
}

/** Where the byte array after the next `count` begins, or -1 if they do not fit into the input. */
export function skipPlainStrings(
  host: KernelHost,
  input: Uint8Array,
  from: number,
  end: number,
  count: number,
): number {
  const base = input.byteOffset
  const next = kernelsOf<ByteStringKernels>(host).skipPlainStrings(base + from, base + end, count)
  return next === 0 ? -1 : (next >>> 0) - base
}

/** Bytes of the strings that `count` codes of a dictionary name. */
export function entriesBytes(
  host: KernelHost,
  codes: Int32Array,
  count: number,
  offsets: Int32Array,
): number {
  return kernelsOf<ByteStringKernels>(host).entriesBytes(codes.byteOffset, count, offsets.byteOffset)
}

/** Copies the strings that codes name behind string `row` of `out`; its bytes must have room. */
export function copyEntries(
  host: KernelHost,
  codes: Int32Array,
  count: number,
  dictionary: StringsOut,
  out: StringsOut,
  row: number,
): void {
  kernelsOf<ByteStringKernels>(host).copyEntries(
    codes.byteOffset,
    count,
    dictionary.offsets.byteOffset,
    dictionary.bytes.byteOffset,
    out.offsets.byteOffset + 4 * row,
    out.bytes.byteOffset,
  )
}
