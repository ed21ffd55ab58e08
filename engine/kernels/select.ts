import { type KernelHost, kernelsOf } from './load.ts'

interface SelectKernels {
  selectCodes(codes: number, count: number, verdicts: number, out: number): number
  selectCodesOrNull(
    codes: number,
    validity: number,
    count: number,
    verdicts: number,
    nullVerdict: number,
    out: number,
  ): number
}

/** What is known of the entries of a dictionary. */
export interface Verdicts {
  /** A byte an entry: 1 if rows with it pass, else 0. Lies in the arena. */
  readonly entries: Uint8Array
  /** Whether rows that are NULL pass. */
  readonly nulls: boolean
}

/**
 * Writes the rows that pass to `out`, in order, which has room for all; gives their number. Codes under NULL
 * must be those of an entry.
 */
export function selectCodes(
  host: KernelHost,
  codes: Int32Array,
  validity: Uint8Array | null,
  count: number,
  { entries, nulls }: Verdicts,
  out: Int32Array,
): number {
  const kernels = kernelsOf<SelectKernels>(host)
  const [at, verdicts, to] = [codes.byteOffset, entries.byteOffset, out.byteOffset]
  if (validity === null) return kernels.selectCodes(at, count, verdicts, to)
  return kernels.selectCodesOrNull(at, validity.byteOffset, count, verdicts, nulls ? 1 : 0, to)
}
