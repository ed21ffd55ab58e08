import { op, wasm } from '../../wasm/index.ts'
import { type Emission, emitExpr } from './emit-expr.ts'
import { EmitError } from './emitted.ts'
import type { RowLookup } from './probe-step.ts'
import type { RowCode } from './row-code.ts'

/** Slots of a lookup: ranges of keys, heads, number of slots, codes. */
const RANGES = 0
const HEADS = 1
const SLOT_COUNT = 2
const CODES = 3

/** Rows whose slots are loaded before any is looked at, so that cache misses overlap. */
export const BLOCK_ROWS = 512

/** Scratch, 8 bytes a row of a block each: slots; tags and places; codes of 64 bits. */
export const SCRATCH_BYTES = 3 * 8 * BLOCK_ROWS
const TAGS = 8 * BLOCK_ROWS
const PLACES = TAGS + 4
const WIDE_CODES = 2 * 8 * BLOCK_ROWS

/** What is emitted for the current row. */
export interface Lookup {
  /** First pass over a block, where entries are fetched before any is looked at; null: there is none. */
  readonly touch: (() => void) | null
  /** Gives locals: the row that was found (null: it is not known), and whether one was. */
  readonly find: () => { readonly found: number | null; readonly isFound: number }
}

/**
 * How a row finds its key, as the kernels of assembly/join-table.ts do it. `slot`: of the table. `scratch`:
 * the local with its address. `first`: the local with the position that a block begins at.
 */
export function emitLookup(
  step: RowLookup,
  slot: number,
  scratch: number,
  first: number,
  emission: Emission,
): Lookup {
  const { row } = emission
  const { code } = row
  const heads = row.pointer(slot + HEADS)
  const codeOf = codesOf(step, row.pointer(slot + RANGES), emission)
  if (step.form === 'direct' || step.form === 'bits')
    return {
      touch: null,
      find: () => (step.form === 'direct' ? direct(codeOf(), heads, row) : bit(codeOf(), heads, row)),
    }
  const slotCount = row.pointer(slot + SLOT_COUNT)
  const isWide = step.form === 'hash64'
  const scratchAt = () =>
    row.once('scratch', () => {
      code.get(row.position).get(first).emit(op.i32Sub).i32(3).emit(op.i32Shl).get(scratch).emit(op.i32Add)
      return row.keep(wasm.i32)
    })
  const load = (place: number) =>
    code.get(heads).get(place).i32(3).emit(op.i32Shl, op.i32Add).memory(op.i64Load, 3)
  const touch = () => {
    const { value, isKnown } = codeOf()
    const { tag, place } = isWide ? hash64(value, slotCount, row) : hash32(value, slotCount, row)
    code.get(scratchAt()).get(tag).memory(op.i32Store, 2, TAGS)
    code.get(scratchAt()).get(place).memory(op.i32Store, 2, PLACES)
    if (isWide) code.get(scratchAt()).get(value).memory(op.i64Store, 3, WIDE_CODES)
    code.get(scratchAt())
    // An empty slot for NULL, and for what no row of the table can have.
    load(place).i64(0n).get(isKnown).emit(op.select).memory(op.i64Store, 3)
  }
  const find = () => {
    code.get(scratchAt()).memory(op.i64Load, 3)
    const entry = row.keep(wasm.i64)
    code.get(scratchAt()).memory(op.i32Load, 2, TAGS)
    const tag = row.keep(wasm.i32)
    const after = code.local(wasm.i32)
    const pushDiffers = () => {
      code.get(entry).i64(32n).emit(op.i64ShrU, op.i32WrapI64).tee(after).i32(0).emit(op.i32Ne)
      code.get(entry).emit(op.i32WrapI64).get(tag).emit(op.i32Ne)
      if (isWide) pushOtherCode(scratchAt(), row.pointer(slot + CODES), after, row)
      return code.emit(op.i32And)
    }
    pushDiffers().if()
    code.get(scratchAt()).memory(op.i32Load, 2, PLACES)
    const place = row.keep(wasm.i32)
    code.loop()
    const again = code.label
    code.i32(0).get(place).i32(1).emit(op.i32Add).tee(place)
    code.get(place).get(slotCount).emit(op.i32Eq, op.select).set(place)
    load(place).set(entry)
    pushDiffers().brIf(again)
    code.end().end()
    return foundOf(after, row)
  }
  return { touch, find }
}

/**
 * Where tags are equal and the slot is taken, the codes tell whether keys are: the i32 on the stack, whether
 * tags differ, becomes whether codes do.
 */
function pushOtherCode(scratch: number, codes: number, after: number, row: RowCode): void {
  const { code } = row
  const differs = row.keep(wasm.i32)
  code.get(differs).get(after).emit(op.i32Eqz, op.i32Or, op.i32Eqz).if()
  code.get(codes).get(after).i32(1).emit(op.i32Sub).i32(3).emit(op.i32Shl, op.i32Add).memory(op.i64Load, 3)
  code.get(scratch).memory(op.i64Load, 3, WIDE_CODES).emit(op.i64Ne).set(differs)
  code.end().get(differs)
}

/** The locals for a row plus one, 0 for none. */
function foundOf(after: number, row: RowCode) {
  const { code } = row
  code.get(after).i32(1).emit(op.i32Sub)
  const found = row.keep(wasm.i32)
  code.get(after).i32(0).emit(op.i32Ne)
  return { found, isFound: row.keep(wasm.i32) }
}

interface KeyCode {
  /** A local i64; anything where the code is not known. */
  readonly value: number
  /** A local i32: FALSE for NULL, and for keys that no row of the table can have. */
  readonly isKnown: number
}

/** The place of the keys in the product of their ranges. */
function codesOf({ keys }: RowLookup, ranges: number, emission: Emission): () => KeyCode {
  const { row } = emission
  const { code } = row
  const bounds = keys.map((_, index) => {
    const [least, size] = [0, 8].map((at) => {
      code.get(ranges).memory(op.i64Load, 3, index * 16 + at)
      return row.keep(wasm.i64)
    })
    return { least: least!, size: size! }
  })
  return () => {
    let known: KeyCode | null = null
    for (const [index, key] of keys.entries()) {
      const value = emitExpr(key, emission)
      if (value.kind !== 'int') throw new EmitError(value.kind)
      const { least, size } = bounds[index]!
      row.push(value).get(least).emit(op.i64Sub)
      const offset = row.keep(wasm.i64)
      code.get(offset).get(size).emit(op.i64LtU)
      if (value.valid !== null) code.get(value.valid).emit(op.i32And)
      if (known !== null) code.get(known.isKnown).emit(op.i32And)
      const isKnown = row.keep(wasm.i32)
      if (known === null) known = { value: offset, isKnown }
      else {
        code.get(known.value).get(size).emit(op.i64Mul).get(offset).emit(op.i64Add)
        known = { value: row.keep(wasm.i64), isKnown }
      }
    }
    return known!
  }
}

/** Pushes the code as i32, 0 where it is not known. */
function pushPlace({ value, isKnown }: KeyCode, row: RowCode): void {
  row.code.get(value).emit(op.i32WrapI64).i32(0).get(isKnown).emit(op.select)
}

function direct(known: KeyCode, heads: number, row: RowCode) {
  const { code } = row
  code.get(heads)
  pushPlace(known, row)
  code.i32(2).emit(op.i32Shl, op.i32Add).memory(op.i32Load, 2)
  code.i32(0).get(known.isKnown).emit(op.select)
  return foundOf(row.keep(wasm.i32), row)
}

function bit(known: KeyCode, bits: number, row: RowCode) {
  const { code } = row
  pushPlace(known, row)
  const place = row.keep(wasm.i32)
  code.get(bits).get(place).i32(3).emit(op.i32ShrU, op.i32Add).memory(op.i32Load8U, 0)
  code.get(place).i32(7).emit(op.i32And, op.i32ShrU).get(known.isKnown).emit(op.i32And)
  return { found: null, isFound: row.keep(wasm.i32) }
}

/** Locals i32: what a slot tells of its code, and the slot where a code would be. */
interface Hashed {
  readonly tag: number
  readonly place: number
}

function hash32(value: number, slotCount: number, row: RowCode): Hashed {
  const { code } = row
  code.get(value).emit(op.i32WrapI64)
  const tag = row.keep(wasm.i32)
  const mixed = (from: number, shift: number, factor: number) => {
    code.get(from).get(from).i32(shift).emit(op.i32ShrU, op.i32Xor).i32(factor).emit(op.i32Mul)
    return row.keep(wasm.i32)
  }
  code.get(mixed(mixed(tag, 16, 0x85ebca6b), 13, 0xc2b2ae35)).emit(op.i64ExtendI32U)
  return { tag, place: scaled(slotCount, row) }
}

function hash64(value: number, slotCount: number, row: RowCode): Hashed {
  const { code } = row
  const mixed = (from: number, factor: bigint) => {
    code.get(from).get(from).i64(32n).emit(op.i64ShrU, op.i64Xor).i64(factor).emit(op.i64Mul)
    return row.keep(wasm.i64)
  }
  const hash = mixed(mixed(value, 0xff51afd7ed558ccdn), 0xc4ceb9fe1a85ec53n)
  code.get(hash).emit(op.i32WrapI64)
  const tag = row.keep(wasm.i32)
  code.get(hash).i64(32n).emit(op.i64ShrU)
  return { tag, place: scaled(slotCount, row) }
}

/** The upper half of the product of the 32 bits on the stack, as i64, with the number of slots. */
function scaled(slotCount: number, row: RowCode): number {
  row.code.get(slotCount).emit(op.i64ExtendI32U, op.i64Mul).i64(32n).emit(op.i64ShrU, op.i32WrapI64)
  return row.keep(wasm.i32)
}
