import { op, wasm } from '../../wasm/index.ts'
import { EmitError, fitsBits, type IntValue, type WideValue } from './emitted.ts'
import type { RowCode } from './row-code.ts'

/** An integer of either width. */
export type AnyInt = IntValue | WideValue

/** The value in 128 bits. */
export function widen(value: AnyInt, row: RowCode): WideValue {
  if (value.kind === 'wide') return value
  const { least, most, valid } = value
  row.push(value)
  const low = row.keep(wasm.i64)
  row.code.get(low).i64(63n).emit(op.i64ShrS)
  return { kind: 'wide', low, high: row.keep(wasm.i64), least, most, valid }
}

interface Bounds {
  readonly least: bigint
  readonly most: bigint
}

/** a + b or a - b, in 64 bits if that is proven to be enough, else in 128. */
export function addInts(operator: '+' | '-', a: AnyInt, b: AnyInt, row: RowCode): AnyInt {
  const bounds =
    operator === '+'
      ? { least: a.least + b.least, most: a.most + b.most }
      : { least: a.least - b.most, most: a.most - b.least }
  const valid = row.both(a.valid, b.valid)
  if (a.kind === 'int' && b.kind === 'int' && fitsBits(bounds, 64)) {
    row.push(a)
    row.push(b).emit(operator === '+' ? op.i64Add : op.i64Sub)
    return row.int(bounds.least, bounds.most, valid)
  }
  if (!fitsBits(bounds, 128)) throw new EmitError('a sum beyond 128 bits')
  const { code } = row
  const [x, y] = [widen(a, row), widen(b, row)]
  code
    .get(x.low)
    .get(y.low)
    .emit(operator === '+' ? op.i64Add : op.i64Sub)
  const low = row.keep(wasm.i64)
  code
    .get(x.high)
    .get(y.high)
    .emit(operator === '+' ? op.i64Add : op.i64Sub)
  if (operator === '+') code.get(low).get(x.low).emit(op.i64LtU, op.i64ExtendI32U, op.i64Add)
  else code.get(x.low).get(y.low).emit(op.i64LtU, op.i64ExtendI32U, op.i64Sub)
  return { kind: 'wide', low, high: row.keep(wasm.i64), ...bounds, valid }
}

/** a * b, in 64 bits if that is proven to be enough, else in 128. */
export function multiplyInts(a: AnyInt, b: AnyInt, row: RowCode): AnyInt {
  const corners = [a.least * b.least, a.least * b.most, a.most * b.least, a.most * b.most]
  const bounds: Bounds = {
    least: corners.reduce((x, y) => (y < x ? y : x)),
    most: corners.reduce((x, y) => (y > x ? y : x)),
  }
  const valid = row.both(a.valid, b.valid)
  if (a.kind === 'int' && b.kind === 'int') {
    if (fitsBits(bounds, 64)) {
      row.push(a)
      row.push(b).emit(op.i64Mul)
      return row.int(bounds.least, bounds.most, valid)
    }
    return { ...multiplyToWide(a, b, row), ...bounds, valid }
  }
  if (!fitsBits(bounds, 128)) throw new EmitError('a product beyond 128 bits')
  if (a.kind === 'wide' && b.kind === 'wide') throw new EmitError('a product of two wide factors')
  const [wide, factor] = a.kind === 'wide' ? [a, b as IntValue] : [b as WideValue, a]
  return { ...multiplyWide(wide, factor, row), ...bounds, valid }
}

/** The words of a 64 × 64 bit product, signed; Hacker's Delight, mulhs. */
function multiplyToWide(a: IntValue, b: IntValue, row: RowCode) {
  const [x, y] = [kept(a, row), kept(b, row)]
  row.code.get(x).get(y).emit(op.i64Mul)
  const low = row.keep(wasm.i64)
  return { kind: 'wide' as const, low, high: highProduct(x, y, true, row) }
}

function kept(value: IntValue, row: RowCode): number {
  if (typeof value.source === 'number') return value.source
  row.push(value)
  return row.keep(wasm.i64)
}

/** The upper word of the product of two i64 locals, signed or unsigned. */
function highProduct(a: number, b: number, signed: boolean, row: RowCode): number {
  const { code } = row
  const shift = signed ? op.i64ShrS : op.i64ShrU
  const low = (local: number) => code.get(local).i64(0xffff_ffffn).emit(op.i64And)
  const high = (local: number) => code.get(local).i64(32n).emit(shift)
  const [aLow, aHigh] = [low(a) && row.keep(wasm.i64), high(a) && row.keep(wasm.i64)]
  const [bLow, bHigh] = [low(b) && row.keep(wasm.i64), high(b) && row.keep(wasm.i64)]
  code.get(aHigh).get(bLow).emit(op.i64Mul)
  code.get(aLow).get(bLow).emit(op.i64Mul).i64(32n).emit(op.i64ShrU, op.i64Add)
  const middle = row.keep(wasm.i64)
  code.get(aLow).get(bHigh).emit(op.i64Mul)
  low(middle).emit(op.i64Add).i64(32n).emit(shift)
  high(middle).emit(op.i64Add)
  code.get(aHigh).get(bHigh).emit(op.i64Mul, op.i64Add)
  return row.keep(wasm.i64)
}

/** 128 × 64 bits; the caller has proven that the product fits 128. */
function multiplyWide(wide: WideValue, factor: IntValue, row: RowCode) {
  const { code } = row
  const y = kept(factor, row)
  const upper = highProduct(wide.low, y, false, row)
  code.get(wide.low).get(y).emit(op.i64Mul)
  const low = row.keep(wasm.i64)
  code.get(upper).get(wide.high).get(y).emit(op.i64Mul, op.i64Add)
  // As an unsigned factor y was 2^64 too much where it is negative.
  code.get(wide.low).get(y).i64(63n).emit(op.i64ShrS, op.i64And, op.i64Sub)
  return { kind: 'wide' as const, low, high: row.keep(wasm.i64) }
}

/** Leaves an i32: a < b, or a = b. */
export function compareInts(operator: '<' | '=', a: AnyInt, b: AnyInt, row: RowCode): void {
  if (a.kind === 'int' && b.kind === 'int') {
    row.push(a)
    row.push(b).emit(operator === '=' ? op.i64Eq : op.i64LtS)
    return
  }
  const { code } = row
  const [x, y] = [widen(a, row), widen(b, row)]
  if (operator === '=') {
    code.get(x.low).get(y.low).emit(op.i64Xor)
    code.get(x.high).get(y.high).emit(op.i64Xor, op.i64Or, op.i64Eqz)
    return
  }
  code.get(x.low).get(y.low).emit(op.i64LtU)
  code.get(x.high).get(y.high).emit(op.i64LtS)
  code.get(x.high).get(y.high).emit(op.i64Eq, op.select)
}

/** The value, proven to be within bounds: where that is not known before, a row outside ends the function. */
export function within(value: AnyInt, { least, most }: Bounds, row: RowCode): AnyInt {
  if (value.least >= least && value.most <= most) return value
  const bounds = {
    least: value.least > least ? value.least : least,
    most: value.most < most ? value.most : most,
  }
  const { code } = row
  let checked = value
  if (value.kind === 'wide' && fitsBits({ least, most }, 64)) {
    code.get(value.high).get(value.low).i64(63n).emit(op.i64ShrS, op.i64Ne)
    row.failIf()
    const known = { least: -(1n << 63n), most: (1n << 63n) - 1n }
    checked = { kind: 'int', source: value.low, ...known, valid: value.valid }
  }
  if (checked.least < least) {
    compareInts('<', checked, row.constant(least), row)
    row.failIf()
  }
  if (checked.most > most) {
    compareInts('<', row.constant(most), checked, row)
    row.failIf()
  }
  return { ...checked, ...bounds }
}
