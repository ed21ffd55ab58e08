import { childrenOf, type Expr } from '../expr/index.ts'
import { lookupScalar } from '../functions/index.ts'
import { castMayFail } from './cast.ts'

const known = new WeakMap<Expr, boolean>()

/** Whether evaluation may throw on some rows, so that it must not see rows it does not serve. */
export function canFail(expr: Expr): boolean {
  let result = known.get(expr)
  if (result === undefined) {
    result = failsItself(expr) || childrenOf(expr).some(canFail)
    known.set(expr, result)
  }
  return result
}

function failsItself(expr: Expr): boolean {
  switch (expr.kind) {
    case 'call':
      return lookupScalar(expr.name)?.mayFail ?? true
    case 'cast':
      return !expr.safe && castMayFail(expr.input.type, expr.type)
    case 'user':
      return true
    default:
      return false
  }
}

const usedColumns = new WeakMap<Expr, ReadonlySet<number>>()

/** The columns of the batch that an expression reads. */
export function columnsOf(expr: Expr): ReadonlySet<number> {
  let columns = usedColumns.get(expr)
  if (columns === undefined) {
    const found = new Set<number>()
    if (expr.kind === 'column') found.add(expr.index)
    for (const child of childrenOf(expr)) for (const index of columnsOf(child)) found.add(index)
    columns = found
    usedColumns.set(expr, columns)
  }
  return columns
}
