import { type KernelHost, kernelsOf } from './load.ts'

interface DeltaKernels {
  deltaStart(state: number): number
  deltaRead32(state: number, out: number, count: number): number
  deltaRead64(state: number, out: number, count: number): number
  joinStreams(from: number, stride: number, width: number, count: number, out: number): void
}

/** 32-bit words of a decoder's state. */
const STATE_WORDS = 16

/** What is wrong with malformed input, by the number that a kernel gives. */
const FAULTS: Readonly<Record<number, string>> = {
  [-1]: 'delta values are cut off',
  [-2]: 'a number of the delta header is too large',
  [-3]: 'delta blocks are of no possible size',
  [-4]: 'delta blocks are cut off',
  [-5]: 'deltas are wider than their numbers',
  [-6]: 'there are fewer delta values than are needed',
  [-7]: 'a number of a delta block is too large',
}

/** Where a decoder of deltas stands; allocate it once, it is used again for every page. */
export type DeltaState = Int32Array

/** The part of a region that states come from. */
interface StateSource {
  int32(length: number): Int32Array
}

export function newDeltaState(region: StateSource): DeltaState {
  return region.int32(STATE_WORDS)
}

/**
 * Reads DELTA_BINARY_PACKED numbers from bytes in the arena, and keeps its place between calls. What is
 * malformed goes to `fail`, which throws.
 */
export class DeltaDecoder {
  /** Values of the page, as it says. */
  readonly count: number
  readonly #kernels: DeltaKernels
  readonly #bytes: Uint8Array
  readonly #state: DeltaState
  readonly #fail: (reason: string) => Error

  /** Reads `bytes[from .. end)`. The state must not be another decoder's. */
  constructor(
    host: KernelHost,
    state: DeltaState,
    bytes: Uint8Array,
    from: number,
    end: number,
    fail: (reason: string) => Error,
  ) {
    this.#kernels = kernelsOf<DeltaKernels>(host)
    this.#bytes = bytes
    this.#state = state
    this.#fail = fail
    state[0] = bytes.byteOffset + from
    state[1] = bytes.byteOffset + end
    this.count = this.#check(this.#kernels.deltaStart(state.byteOffset))
  }

  /** The next `count` 32-bit numbers to an array in the arena. */
  read32(out: Uint8Array | Int32Array, count: number): void {
    this.#check(this.#kernels.deltaRead32(this.#state.byteOffset, out.byteOffset, count))
  }

  /** The same for 64-bit numbers. */
  read64(out: Uint8Array, count: number): void {
    this.#check(this.#kernels.deltaRead64(this.#state.byteOffset, out.byteOffset, count))
  }

  /** Where the bytes of the numbers end; all must have been read. */
  get position(): number {
    return (this.#state[0]! >>> 0) - this.#bytes.byteOffset
  }

  #check(result: number): number {
    if (result < 0) throw this.#fail(FAULTS[result] ?? 'delta values are malformed')
    return result
  }
}

/**
 * Makes `count` values of `width` bytes of BYTE_STREAM_SPLIT whole: their first bytes lie at `from` of
 * `bytes`, their second ones `stride` behind, and so on.
 */
export function joinStreams(
  host: KernelHost,
  bytes: Uint8Array,
  from: number,
  stride: number,
  width: number,
  count: number,
  out: Uint8Array,
): void {
  const { joinStreams } = kernelsOf<DeltaKernels>(host)
  joinStreams(bytes.byteOffset + from, stride, width, count, out.byteOffset)
}
