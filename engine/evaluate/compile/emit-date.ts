import type { CallExpr, Expr } from '../../expr/index.ts'
import { op, wasm } from '../../wasm/index.ts'
import { EmitError, type Emitted } from './emitted.ts'
import type { RowCode } from './row-code.ts'

const FIELDS: Readonly<Record<string, DateField>> = {
  year: 'year',
  month: 'month',
  day: 'day',
  dayofmonth: 'day',
  quarter: 'quarter',
}

type DateField = 'year' | 'month' | 'day' | 'quarter'

/** The field that a call takes of a date: `year(d)`, `extract('year', d)`; null if it is another call. */
export function dateFieldOf(expr: CallExpr): DateField | null {
  const [first, second] = expr.args
  if (expr.name === 'extract' || expr.name === 'date_part' || expr.name === 'datepart') {
    if (first?.kind !== 'literal' || typeof first.value !== 'string' || second?.type.kind !== 'date')
      return null
    return FIELDS[first.value.toLowerCase()] ?? null
  }
  return first?.type.kind === 'date' ? (FIELDS[expr.name] ?? null) : null
}

/** The date that `dateFieldOf` speaks of. */
export function dateOf(expr: CallExpr): Expr {
  return expr.args.at(-1)!
}

/** Years of 400 so early that every date counts from 0 on: no floor is needed. */
const ERAS = 20_000n
const DAYS_PER_ERA = 146_097n

/** Year, quarter, month or day of a date (Howard Hinnant's algorithm, as types/calendar.ts). */
export function emitDateField(field: DateField, value: Emitted, row: RowCode): Emitted {
  if (value.kind !== 'int') throw new EmitError(field)
  const { code } = row
  const set = () => row.keep(wasm.i64)
  const divided = (local: number, by: bigint) => code.get(local).i64(by).emit(op.i64DivS)
  row
    .push(value)
    .i64(719_468n + ERAS * DAYS_PER_ERA)
    .emit(op.i64Add)
  const shifted = set()
  const era = divided(shifted, DAYS_PER_ERA) && set()
  code.get(shifted).get(era).i64(DAYS_PER_ERA).emit(op.i64Mul, op.i64Sub)
  const dayOfEra = set()
  code.get(dayOfEra)
  divided(dayOfEra, 1460n).emit(op.i64Sub)
  divided(dayOfEra, 36_524n).emit(op.i64Add)
  divided(dayOfEra, 146_096n).emit(op.i64Sub).i64(365n).emit(op.i64DivS)
  const yearOfEra = set()
  code.get(dayOfEra).get(yearOfEra).i64(365n).emit(op.i64Mul, op.i64Sub)
  divided(yearOfEra, 4n).emit(op.i64Sub)
  divided(yearOfEra, 100n).emit(op.i64Add)
  const dayOfYear = set()
  if (field === 'year') {
    code
      .get(yearOfEra)
      .get(era)
      .i64(400n)
      .emit(op.i64Mul, op.i64Add)
      .i64(400n * ERAS)
      .emit(op.i64Sub)
    // The shifted year begins in March; from its day 306 on it is January.
    code.get(dayOfYear).i64(306n).emit(op.i64GeS, op.i64ExtendI32U, op.i64Add)
    return row.int(-6_000_000n, 6_000_000n, value.valid)
  }
  code.get(dayOfYear).i64(5n).emit(op.i64Mul).i64(2n).emit(op.i64Add).i64(153n).emit(op.i64DivS)
  const shiftedMonth = set()
  if (field === 'day') {
    code.get(dayOfYear).get(shiftedMonth).i64(153n).emit(op.i64Mul).i64(2n).emit(op.i64Add).i64(5n)
    code.emit(op.i64DivS, op.i64Sub).i64(1n).emit(op.i64Add)
    return row.int(1n, 31n, value.valid)
  }
  code.get(shiftedMonth).i64(3n).i64(-9n).get(shiftedMonth).i64(10n)
  code.emit(op.i64LtS, op.select, op.i64Add)
  const month = row.int(1n, 12n, value.valid)
  if (field === 'month') return month
  row.push(month).i64(2n).emit(op.i64Add).i64(3n).emit(op.i64DivS)
  return row.int(1n, 4n, value.valid)
}
