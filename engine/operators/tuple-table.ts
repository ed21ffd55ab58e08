import {
  allocateFixed,
  type FixedVector,
  fixedVector,
  lanesOf,
  type Vector,
  valueForm,
} from '../batch/index.ts'
import { addressIn, keyRowKernels, VALUE_FORMS } from '../kernels/index.ts'
import type { Region } from '../memory/index.ts'
import type { DataType } from '../types/index.ts'
import { DirectTuples } from './direct-tuples.ts'
import { keyBytesOf } from './key-store.ts'
import { FixedKeyTable } from './key-table.ts'

/** A member of tuples: codes that a key column gave, or values of a fixed width, as they are. */
export type Member =
  | { readonly kind: 'codes' }
  | { readonly kind: 'values'; readonly type: DataType; readonly nullIsValue: boolean }

/** One member for some rows: codes below `size`, where -1 leaves the row out, or a vector. */
export type MemberRows =
  | { readonly kind: 'codes'; readonly codes: Int32Array; readonly size: number }
  | { readonly kind: 'values'; readonly vector: FixedVector }

/** Where a member stands in a row; NULL of nullable values sets `flag` in the int32 at `flagsAt`. */
interface Place {
  readonly member: Member
  readonly at: number
  readonly bytes: 4 | 8 | 16
  readonly flagsAt: number
  readonly flag: number
}

/**
 * Distinct tuples, numbered in order of arrival: rows of one width in a table, `values` first, wide ones
 * before narrow ones, then the flags of NULLs.
 *
 *   | decimal (16) | int64 (8) | code (4) | int32 (4) | flags (4) |
 *
 * Tuples of few codes alone are found by position instead.
 */
export class TupleTable {
  readonly #region: Region
  readonly #places: readonly Place[]
  readonly #stride: number
  readonly #hasGaps: boolean
  #direct: DirectTuples | null
  #rows: FixedKeyTable | null = null

  constructor(members: readonly Member[], region: Region) {
    this.#region = region
    const { places, stride, used } = layOut(members)
    this.#places = places
    this.#stride = stride
    this.#hasGaps = used < stride || places.some(({ flag }) => flag !== 0)
    this.#direct = members.every(({ kind }) => kind === 'codes')
      ? new DirectTuples(members.length, region)
      : null
    if (this.#direct === null) this.#rows = new FixedKeyTable(region, stride)
  }

  /** Number of tuples. */
  get size(): number {
    return (this.#direct ?? this.#rows)!.size
  }

  /**
   * The number of each row's tuple, new ones getting the next in the order of rows; -1 where a code is
   * negative or a value NULL that is none. `out` lies in the arena.
   */
  insert(members: readonly MemberRows[], rowCount: number, out: Int32Array): void {
    if (this.#direct !== null && !this.#direct.fit(members.map(codeCount))) this.#leaveDirect()
    this.#look(members, rowCount, out, true)
  }

  /** The number of each row's tuple; -1 where it is not there. */
  find(members: readonly MemberRows[], rowCount: number, out: Int32Array): void {
    this.#look(members, rowCount, out, false)
  }

  /** Codes of member `index` of the tuples [from, from + count). */
  codes(index: number, from: number, count: number, region: Region): Int32Array {
    const out = region.int32(count)
    if (this.#direct !== null) out.set(this.#direct.codes(index, from, count))
    else this.#decode(VALUE_FORMS.int32, this.#places[index]!.at, from, count, out.byteOffset)
    return out
  }

  /** Values of member `index` of the tuples [from, from + count). */
  values(index: number, from: number, count: number, region: Region): Vector {
    const { member, at, flagsAt, flag } = this.#places[index]!
    const type = (member as Member & { kind: 'values' }).type
    const lanes = lanesOf(type)
    const out = allocateFixed(type, count, region, lanes)
    const vector = fixedVector(type, count, out, null, lanes)
    this.#decode(valueForm(vector), at, from, count, out.byteOffset)
    if (flag === 0) return vector
    const kernels = keyRowKernels(region.pool)
    const bits = region.uint8((count + 7) >> 3)
    const flags = this.#rows!.keys + from * this.#stride + flagsAt
    const nullCount = kernels.decodeFlags(flags, this.#stride, flag, count, bits.byteOffset)
    if (nullCount === 0) return vector
    kernels.invertBits(bits.byteOffset, count)
    return { ...vector, nullCount, validity: bits }
  }

  #decode(form: ReturnType<typeof valueForm>, at: number, from: number, count: number, out: number): void {
    const start = this.#rows!.keys + from * this.#stride + at
    keyRowKernels(this.#region.pool).decodeValues(form, start, this.#stride, count, out)
  }

  #look(members: readonly MemberRows[], rowCount: number, out: Int32Array, insert: boolean): void {
    if (this.#direct !== null) {
      const codes = members.map((member) => addressIn(this.#region, (member as CodeRows).codes))
      if (insert) this.#direct.insert(codes, rowCount, out)
      else this.#direct.find(codes, rowCount, out)
      return
    }
    const scratch = this.#region.pool.createRegion(this.#region.tag)
    try {
      const rows = scratch.allocate(rowCount * this.#stride)
      const masked = this.#encode(members, rows, rowCount, out, scratch)
      if (insert) this.#rows!.insert(rows, rowCount, out, masked)
      else this.#rows!.find(rows, rowCount, out, masked)
    } finally {
      scratch.free()
    }
  }

  /** Writes the rows of tuples; whether `out` tells of rows that are none. */
  #encode(
    members: readonly MemberRows[],
    rows: number,
    rowCount: number,
    out: Int32Array,
    scratch: Region,
  ): boolean {
    const kernels = keyRowKernels(scratch.pool)
    if (this.#hasGaps) new BigInt64Array(scratch.pool.buffer, rows, (rowCount * this.#stride) / 8).fill(0n)
    out.fill(0, 0, rowCount)
    let masked = false
    for (const [index, { at, bytes, flagsAt, flag }] of this.#places.entries()) {
      const rowsOf = members[index]!
      if (rowsOf.kind === 'codes') {
        const codes = addressIn(scratch, rowsOf.codes)
        kernels.encodeValues(VALUE_FORMS.int32, 4, codes, rowCount, rows + at, this.#stride)
        kernels.maskNegative(codes, rowCount, out.byteOffset)
        masked = true
        continue
      }
      const { vector } = rowsOf
      const values = addressIn(scratch, vector.values)
      kernels.encodeValues(valueForm(vector), bytes, values, rowCount, rows + at, this.#stride)
      if (vector.validity === null) continue
      const validity = addressIn(scratch, vector.validity)
      if (flag !== 0)
        kernels.encodeNulls(validity, rowCount, rows + at, bytes, rows + flagsAt, flag, this.#stride)
      else {
        kernels.numberNulls(validity, -1, rowCount, out.byteOffset)
        masked = true
      }
    }
    return masked
  }

  /** Moves tuples of codes, which got too many, to a table of rows. Their numbers stay. */
  #leaveDirect(): void {
    const direct = this.#direct!
    this.#rows = new FixedKeyTable(this.#region, this.#stride)
    this.#direct = null
    const scratch = this.#region.pool.createRegion(this.#region.tag)
    try {
      const members = this.#places.map((_, index): MemberRows => {
        return { kind: 'codes', codes: direct.codes(index, 0, direct.size), size: 0 }
      })
      this.#look(members, direct.size, scratch.int32(direct.size), true)
    } finally {
      scratch.free()
    }
  }
}

type CodeRows = MemberRows & { readonly kind: 'codes' }

function codeCount(member: MemberRows): number {
  return (member as CodeRows).size
}

/** Places in the order of members; wide values lie first, so that all are aligned. */
function layOut(members: readonly Member[]): { places: readonly Place[]; stride: number; used: number } {
  const widths = members.map((member) => (member.kind === 'codes' ? 4 : keyBytesOf(member.type)))
  const starts = new Map<number, number>()
  let used = 0
  for (const width of [16, 8, 4])
    for (const [index, bytes] of widths.entries()) {
      if (bytes !== width) continue
      starts.set(index, used)
      used += width
    }
  let flagCount = 0
  const places = members.map((member, index): Place => {
    const isNullable = member.kind === 'values' && member.nullIsValue
    const flag = isNullable ? 1 << (flagCount & 31) : 0
    const flagsAt = used + (isNullable ? (flagCount++ >> 5) * 4 : 0)
    return { member, at: starts.get(index)!, bytes: widths[index]!, flagsAt, flag }
  })
  used += Math.ceil(flagCount / 32) * 4
  return { places, stride: (used + 7) & -8, used }
}
