import { type KernelHost, kernelsOf } from './load.ts'

/** Tests and parts of texts, over addresses of the arena; see assembly/text-match.ts and text-parts.ts. */
export interface TextKernels {
  /** a = b, or with `less` 1 a < b; steps are 0 for constants. */
  compareTexts(
    less: number,
    aOffsets: number,
    aBytes: number,
    aStep: number,
    bOffsets: number,
    bBytes: number,
    bStep: number,
    count: number,
    out: number,
  ): void
  textsIn(
    offsets: number,
    bytes: number,
    count: number,
    listOffsets: number,
    listBytes: number,
    listCount: number,
    out: number,
  ): void
  /** `lengths`: of prefix, suffix and pieces, whose bytes are at `pattern`. Bits are zero before. */
  likeTexts(
    offsets: number,
    bytes: number,
    count: number,
    exact: number,
    pieces: number,
    lengths: number,
    pattern: number,
    out: number,
  ): void
  /** Characters of each. */
  textLengths(offsets: number, bytes: number, count: number, out: number): void
  /** Finds `length` characters (or bytes) of each behind its first `from`. */
  cutTexts(
    offsets: number,
    bytes: number,
    count: number,
    isText: number,
    from: number,
    length: number,
    starts: number,
    outOffsets: number,
  ): void
  copyParts(bytes: number, starts: number, outOffsets: number, count: number, out: number): void
}

/** The kernels of this family. */
export function textKernels(host: KernelHost): TextKernels {
  return kernelsOf<TextKernels>(host)
}
