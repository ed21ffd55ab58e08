import { op, wasm } from '../../wasm/index.ts'
import { boundsOf, EmitError, type Emitted, formOf, type IntValue } from './emitted.ts'
import type { InputShape } from './input-shape.ts'
import type { RowCode } from './row-code.ts'

/** Slots of an input's addresses: values, validity, codes. */
export const SLOTS_PER_INPUT = 3

/**
 * An input: its shape, the first of its three slots, and the local with its row if that is not the batch's.
 */
export interface LoadedInput {
  readonly shape: InputShape
  readonly slot: number
  readonly at?: number
}

/** Emits the value of an input in the current row. */
export function loadInput({ shape, slot, at }: LoadedInput, row: RowCode): Emitted {
  return row.once(`input ${slot}`, () => {
    const own = at ?? row.row
    const valid = shape.isNullable ? loadBit(row.pointer(slot + 1), own, row) : null
    const form = formOf(shape.type)
    if (shape.encoding === 'absent' || form === null) {
      if (shape.encoding !== 'absent') throw new EmitError(shape.type.kind)
      return { kind: 'bool', local: row.zero, valid }
    }
    const index = indexOf(shape, slot, own, row)
    if (form === 'bool') {
      // Those of dictionaries come as a byte an entry.
      if (shape.encoding !== 'dictionary')
        return { kind: 'bool', local: loadBit(row.pointer(slot), index, row), valid }
      row.at(row.pointer(slot), index, 0).memory(op.i32Load8U, 0)
      return { kind: 'bool', local: row.keep(wasm.i32), valid }
    }
    if (form === 'float') return { kind: 'float', local: loadFloat(shape, slot, index, row), valid }
    return shape.lanes === 2
      ? loadWide(shape, slot, index, valid, row)
      : loadInt(shape, slot, index, valid, row)
  })
}

/** The local with the place of the row's value among the values. */
function indexOf(shape: InputShape, slot: number, own: number, row: RowCode): number {
  if (shape.encoding === 'fixed') return own
  if (shape.encoding === 'constant') return row.zero
  row.at(row.pointer(slot + 2), own, 2).memory(op.i32Load, 2)
  return row.keep(wasm.i32)
}

/** Keeps bit `index` of the bitmap at `pointer` as 0 or 1. */
export function loadBit(pointer: number, index: number, row: RowCode): number {
  const { code } = row
  const byte = row.once(`byte ${index}`, () => {
    code.get(index).i32(3).emit(op.i32ShrU)
    return row.keep(wasm.i32)
  })
  code.get(pointer).get(byte).emit(op.i32Add).memory(op.i32Load8U, 0)
  code.get(index).i32(7).emit(op.i32And, op.i32ShrU).i32(1).emit(op.i32And)
  return row.keep(wasm.i32)
}

function loadFloat(shape: InputShape, slot: number, index: number, row: RowCode): number {
  if (shape.type.kind === 'float64') row.at(row.pointer(slot), index, 3).memory(op.f64Load, 3)
  else row.at(row.pointer(slot), index, 2).memory(op.f32Load, 2).emit(op.f64PromoteF32)
  return row.keep(wasm.f64)
}

const LOADS: Readonly<Record<string, readonly [opcode: number, log2: number]>> = {
  int8: [op.i64Load8S, 0],
  int16: [op.i64Load16S, 1],
  int32: [op.i64Load32S, 2],
  date: [op.i64Load32S, 2],
  interval_ym: [op.i64Load32S, 2],
}

/** What lies under NULL is undefined, so that it becomes 0 before anything is computed with it. */
function zeroUnderNull(valid: number | null, row: RowCode): void {
  if (valid !== null) row.code.i64(0n).get(valid).emit(op.select)
}

function loadInt(
  shape: InputShape,
  slot: number,
  index: number,
  valid: number | null,
  row: RowCode,
): IntValue {
  const [opcode, log2] = LOADS[shape.type.kind] ?? [op.i64Load, 3]
  row.at(row.pointer(slot), index, log2).memory(opcode, log2)
  zeroUnderNull(valid, row)
  const { least, most } = boundsOf(shape.type)
  const value = row.int(least, most, valid)
  return shape.bits === 0 ? value : guarded(value, shape.bits, row)
}

function loadWide(
  shape: InputShape,
  slot: number,
  index: number,
  valid: number | null,
  row: RowCode,
): Emitted {
  row.at(row.pointer(slot), index, 4).memory(op.i64Load, 3)
  zeroUnderNull(valid, row)
  const low = row.keep(wasm.i64)
  row.at(row.pointer(slot), index, 4).memory(op.i64Load, 3, 8)
  zeroUnderNull(valid, row)
  const high = row.keep(wasm.i64)
  const { least, most } = boundsOf(shape.type)
  if (shape.bits === 0) return { kind: 'wide', low, high, least, most, valid }
  row.code.get(low).i64(63n).emit(op.i64ShrS).get(high).emit(op.i64Ne)
  row.failIf()
  return guarded({ kind: 'int', source: low, least, most, valid }, shape.bits, row)
}

/** Ends the function at a row whose value does not fit the bits that were assumed. */
function guarded(value: IntValue, bits: number, row: RowCode): IntValue {
  const limit = 1n << BigInt(bits)
  const least = value.least > -limit ? value.least : -limit
  const most = value.most < limit ? value.most : limit - 1n
  if (least === value.least && most === value.most) return value
  row.push(value).i64(limit).emit(op.i64Add)
  row.code
    .i64(BigInt(bits + 1))
    .emit(op.i64ShrU)
    .emit(op.i64Eqz, op.i32Eqz)
  row.failIf()
  return { ...value, least, most }
}
