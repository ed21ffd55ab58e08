import { type KernelHost, kernelsOf } from './load.ts'

interface ConvertKernels {
  extendSigned(from: number, count: number, out: number): void
  extendUnsigned(from: number, count: number, out: number): void
  extendTo128(from: number, count: number, out: number): void
  narrowInts(from: number, count: number, shift: number, out: number): void
  scaleInts(values: number, count: number, factor: number): void
  nanosToMicros(from: number, count: number, out: number): void
  int96ToMicros(from: number, count: number, out: number): void
  bigEndianInts(from: number, count: number, width: number, lanes: number, out: number): void
  bigEndianTexts(bytes: number, offsets: number, count: number, lanes: number, out: number): void
  narrowPairs(pairs: number, count: number): number
  mergeStreams(from: number, stride: number, width: number, count: number, out: number): void
  gatherValuesAt(values: number, shift: number, base: number, rows: number, count: number, out: number): void
  spreadRows(
    values: number,
    shift: number,
    from: number,
    dense: number,
    count: number,
    validity: number,
  ): void
  moveBits(source: number, from: number, bits: number, to: number, count: number): number
  spreadOffsets(offsets: number, from: number, dense: number, count: number, validity: number): void
}

/** Loops that change how values are stored, by addresses in the arena. */
export function convertKernels(host: KernelHost): ConvertKernels {
  return kernelsOf<ConvertKernels>(host)
}
