import { op, wasm } from '../../wasm/index.ts'
import { EmitError, type Emitted } from './emitted.ts'
import type { PlacedState } from './flat-state.ts'
import type { RowCode } from './row-code.ts'
import type { Cells } from './state-cells.ts'
import { widen } from './wide.ts'

/** Fewer rows a call are not worth it. */
const MIN_ROWS = 256

/** How many rows a function may go through: as many as cannot bring a sum from 62 bits beyond 64. */
export class SumSizes {
  readonly #row: RowCode
  readonly #at: number
  #most = 1n

  constructor(row: RowCode) {
    this.#row = row
    this.#at = row.atMost()
  }

  add(value: Emitted): void {
    if (value.kind !== 'int') throw new EmitError(value.kind)
    for (const bound of [-value.least, value.most]) if (bound > this.#most) this.#most = bound
  }

  finish(): void {
    const rows = (1n << 62n) / this.#most
    if (rows < BigInt(MIN_ROWS)) throw new EmitError('sums of large values')
    this.#row.code.fill(this.#at, Number(rows < 1n << 30n ? rows : 1n << 30n))
  }
}

/** Adds a row to a state; `value` is that of its argument. With `sizes` exact sums are added in 64 bits. */
export function emitUpdate(
  state: PlacedState,
  value: Emitted | null,
  cells: Cells,
  sizes: SumSizes | null,
  row: RowCode,
): void {
  const { code } = row
  const { word, kind } = state
  if (kind === 'rows' || value === null)
    cells.store(word, false, () => {
      cells.load(word, false)
      code.i64(1n).emit(op.i64Add)
    })
  else if (kind === 'nulls') {
    const { valid } = value
    if (valid !== null)
      cells.store(word, false, () => {
        cells.load(word, false)
        code.get(valid).emit(op.i32Eqz, op.i64ExtendI32U, op.i64Add)
      })
  } else if (kind === 'sum' && sizes === null) emitSum(state, value, cells, row)
  else if (kind === 'total' || kind === 'sum') {
    if (kind === 'sum') sizes?.add(value)
    cells.store(word, false, () => {
      cells.load(word, false)
      pushMasked(value, 0n, row)
      code.emit(op.i64Add)
    })
  } else if (kind === 'float')
    cells.store(word, true, () => {
      cells.load(word, true)
      pushFloat(value, 0, row)
      code.emit(op.f64Add)
    })
  else emitExtreme(kind, word, value, cells, row)
}

/** Pushes an integer, or `neutral` where it is NULL. */
function pushMasked(value: Emitted, neutral: bigint, row: RowCode): void {
  if (value.kind !== 'int') throw new EmitError(value.kind)
  row.push(value)
  if (value.valid !== null) row.code.i64(neutral).get(value.valid).emit(op.select)
}

/** Pushes a double, or `neutral` where it is NULL. */
function pushFloat(value: Emitted, neutral: number, row: RowCode): void {
  if (value.kind === 'float') row.code.get(value.local)
  else if (value.kind === 'int') row.push(value).emit(op.f64ConvertI64S)
  else throw new EmitError(value.kind)
  if (value.valid !== null) row.code.f64(neutral).get(value.valid).emit(op.select)
}

const MAX = (1n << 63n) - 1n
const MIN = -(1n << 63n)

/** NaN is the greatest double: the least begins with it, and takes every other. */
function emitExtreme(
  kind: 'least' | 'greatest',
  word: number,
  value: Emitted,
  cells: Cells,
  row: RowCode,
): void {
  const { code } = row
  const isLeast = kind === 'least'
  const isFloat = value.kind === 'float'
  if (isFloat) pushFloat(value, isLeast ? Number.NaN : Number.NEGATIVE_INFINITY, row)
  else pushMasked(value, isLeast ? MAX : MIN, row)
  const next = row.keep(isFloat ? wasm.f64 : wasm.i64)
  cells.load(word, isFloat)
  const best = row.keep(isFloat ? wasm.f64 : wasm.i64)
  cells.store(word, isFloat, () => {
    code.get(next).get(best).get(next).get(best)
    if (!isFloat) code.emit(isLeast ? op.i64LtS : op.i64GtS)
    else {
      const unordered = isLeast ? best : next
      code.emit(isLeast ? op.f64Lt : op.f64Gt)
      code.get(unordered).get(unordered).emit(op.f64Ne, op.i32Or)
    }
    code.emit(op.select)
  })
}

/** Adds to 128 bits, or 192: the upper words change only where the low one overflows, which is rare. */
function emitSum({ word, words }: PlacedState, value: Emitted, cells: Cells, row: RowCode): void {
  if (value.kind === 'wide') {
    if (words < 3) throw new EmitError('a wide sum of two words')
    emitWideSum(word, value, cells, row)
    return
  }
  const { code } = row
  pushMasked(value, 0n, row)
  const added = row.keep(wasm.i64)
  cells.load(word, false)
  code.get(added).emit(op.i64Add)
  const low = row.keep(wasm.i64)
  cells.store(word, false, () => code.get(low))
  code.get(low).get(added).emit(op.i64LtU, op.i64ExtendI32U)
  if (value.kind !== 'int' || value.least < 0n) code.get(added).i64(63n).emit(op.i64ShrS, op.i64Add)
  const carry = row.keep(wasm.i64)
  code.get(carry).emit(op.i64Eqz, op.i32Eqz).if()
  cells.load(word + 1, false)
  code.get(carry).emit(op.i64Add)
  const high = row.keep(wasm.i64)
  cells.store(word + 1, false, () => code.get(high))
  if (words === 3)
    cells.store(word + 2, false, () => {
      cells.load(word + 2, false)
      code.get(carry).i64(63n).emit(op.i64ShrS, op.i64Add)
      code.get(high).get(carry).emit(op.i64LtU, op.i64ExtendI32U, op.i64Add)
    })
  code.end()
}

function emitWideSum(word: number, value: Emitted, cells: Cells, row: RowCode): void {
  if (value.kind !== 'wide') throw new EmitError(value.kind)
  const { code } = row
  const { low, high } = widen(value, row)
  const masked = [low, high].map((local) => {
    code.get(local)
    if (value.valid !== null) code.i64(0n).get(value.valid).emit(op.select)
    return row.keep(wasm.i64)
  }) as [number, number]
  cells.load(word, false)
  code.get(masked[0]).emit(op.i64Add)
  const sumLow = row.keep(wasm.i64)
  cells.store(word, false, () => code.get(sumLow))
  code.get(sumLow).get(masked[0]).emit(op.i64LtU, op.i64ExtendI32U)
  const carry = row.keep(wasm.i64)
  cells.load(word + 1, false)
  code.get(masked[1]).emit(op.i64Add)
  const partial = row.keep(wasm.i64)
  code.get(partial).get(carry).emit(op.i64Add)
  const sumHigh = row.keep(wasm.i64)
  cells.store(word + 1, false, () => code.get(sumHigh))
  cells.store(word + 2, false, () => {
    cells.load(word + 2, false)
    code.get(masked[1]).i64(63n).emit(op.i64ShrS, op.i64Add)
    code.get(partial).get(masked[1]).emit(op.i64LtU, op.i64ExtendI32U, op.i64Add)
    code.get(sumHigh).get(carry).emit(op.i64LtU, op.i64ExtendI32U, op.i64Add)
  })
}
