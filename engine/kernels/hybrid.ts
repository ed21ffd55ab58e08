import { type KernelHost, kernelsOf } from './load.ts'

interface HybridKernels {
  hybridRead(state: number, out: number, count: number): number
  hybridSkip(state: number, count: number): number
  hybridReadBits(state: number, bits: number, to: number, count: number): number
  hybridReadCodes(state: number, size: number, out: number, count: number): number
  hybridGather(
    state: number,
    dictionary: number,
    size: number,
    shift: number,
    out: number,
    count: number,
  ): number
  hybridGatherAt(
    state: number,
    dictionary: number,
    size: number,
    shift: number,
    out: number,
    base: number,
    count: number,
    rows: number,
    rowCount: number,
  ): number
}

/** 32-bit words of a decoder's state, with room for codes on their way to a dictionary. */
const STATE_WORDS = 32 + 2048

/** What is wrong with malformed input, by the number that a kernel gives. */
const FAULTS: Readonly<Record<number, string>> = {
  [-1]: 'encoded values end too early',
  [-2]: 'groups of packed numbers do not fit into their page',
  [-3]: 'a run has no values',
  [-4]: 'the value of a run exceeds its width',
  [-5]: 'a code is beyond the entries of the dictionary',
}

/** Where the decoder of a hybrid stands; allocate it once, it is used again for every page. */
export type HybridState = Int32Array

/** The part of a region that states come from. */
interface StateSource {
  int32(length: number): Int32Array
}

export function newHybridState(region: StateSource): HybridState {
  return region.int32(STATE_WORDS)
}

/** Which of the rows of a decoder are wanted: `rows[from .. to)`, ascending. Row numbers start anywhere. */
export interface WantedRows {
  readonly rows: Int32Array
  readonly from: number
  readonly to: number
}

/**
 * Reads the hybrid of run-length and bit-packed numbers of Parquet from bytes in the arena, and keeps its
 * place between calls. What is malformed goes to `fail`, which throws.
 */
export class HybridDecoder {
  readonly #kernels: HybridKernels
  readonly #state: number
  readonly #fail: (reason: string) => Error

  /** Reads `bytes[from .. end)`; `width` is 0 to 32 bits. The state must not be another decoder's. */
  constructor(
    host: KernelHost,
    state: HybridState,
    bytes: Uint8Array,
    from: number,
    end: number,
    width: number,
    fail: (reason: string) => Error,
  ) {
    this.#kernels = kernelsOf<HybridKernels>(host)
    this.#state = state.byteOffset
    this.#fail = fail
    state[0] = bytes.byteOffset + from
    state[1] = bytes.byteOffset + end
    state[2] = width
    state[3] = 0
    state[4] = 0
    state[6] = 0
  }

  /** The next `count` numbers into `out` from `to` on. */
  read(out: Int32Array, to: number, count: number): void {
    this.#check(this.#kernels.hybridRead(this.#state, out.byteOffset + 4 * to, count))
  }

  /** Passes over `count` numbers. */
  skip(count: number): void {
    this.#check(this.#kernels.hybridSkip(this.#state, count))
  }

  /**
   * The next `count` numbers of one bit as bits of a zeroed bitmap from bit `to` on; gives the number of
   * ones.
   */
  readBits(out: Uint8Array, to: number, count: number): number {
    return this.#check(this.#kernels.hybridReadBits(this.#state, out.byteOffset, to, count))
  }

  /** As `read`, for codes of a dictionary of `size` entries. */
  readCodes(size: number, out: Int32Array, to: number, count: number): void {
    this.#check(this.#kernels.hybridReadCodes(this.#state, size, out.byteOffset + 4 * to, count))
  }

  /**
   * The entries that the next `count` codes name, to address `out`. The dictionary is `size` values of
   * 1 << `shift` bytes.
   */
  gather(dictionary: number, size: number, shift: number, out: number, count: number): void {
    this.#check(this.#kernels.hybridGather(this.#state, dictionary, size, shift, out, count))
  }

  /** As `gather`, for the wanted of the next `count` codes, which are rows `base` on. */
  gatherAt(
    dictionary: number,
    size: number,
    shift: number,
    out: number,
    base: number,
    count: number,
    { rows, from, to }: WantedRows,
  ): void {
    const start = rows.byteOffset + 4 * from
    const { hybridGatherAt } = this.#kernels
    this.#check(hybridGatherAt(this.#state, dictionary, size, shift, out, base, count, start, to - from))
  }

  /** As `readCodes`, for the wanted of the next `count` codes, which are rows `base` on. */
  readCodesAt(
    size: number,
    out: Int32Array,
    to: number,
    base: number,
    count: number,
    wanted: WantedRows,
  ): void {
    this.gatherAt(0, size, -1, out.byteOffset + 4 * to, base, count, wanted)
  }

  #check(result: number): number {
    if (result < 0) throw this.#fail(FAULTS[result] ?? 'encoded values are malformed')
    return result
  }
}
