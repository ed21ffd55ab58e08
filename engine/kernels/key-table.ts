import { type KernelHost, kernelsOf } from './load.ts'

/** Where the fields of a table stand, as int32 of its 64 bytes; see assembly/key-table.ts. */
export const KEY_TABLE = {
  slots: 0,
  mask: 1,
  size: 2,
  limit: 3,
  keys: 4,
  stride: 5,
  bytes: 6,
  bytesUsed: 7,
  bytesCapacity: 8,
  offsets: 9,
} as const

/** Inserts rows [from, to); gives the row where the table was full. `masked`: negative `out` rows stay. */
type Insert = (table: number, keys: number, from: number, to: number, out: number, masked: number) => number
/** The number of each key, or -1. */
type Find = (table: number, keys: number, count: number, out: number, masked: number) => void
/** Moves slots into new, empty ones. */
type Move = (old: number, oldCount: number, slots: number, mask: number) => void

/** Distinct keys and their numbers, over addresses of the arena; see assembly/key-table.ts. */
export interface KeyTableKernels {
  readonly insertKeys32: Insert
  readonly findKeys32: Find
  readonly moveKeys32: Move
  readonly insertKeys64: Insert
  readonly findKeys64: Find
  readonly moveKeys64: Move
  readonly insertRows: Insert
  readonly findRows: Find
  readonly moveHashed: Move
  insertStrings(
    table: number,
    offsets: number,
    bytes: number,
    from: number,
    to: number,
    out: number,
    masked: number,
  ): number
  findStrings(table: number, offsets: number, bytes: number, count: number, out: number, masked: number): void
}

/** The kernels of this family. */
export function keyTableKernels(host: KernelHost): KeyTableKernels {
  return kernelsOf<KeyTableKernels>(host)
}
