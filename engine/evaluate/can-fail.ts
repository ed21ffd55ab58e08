import { type CallExpr, type Expr, someExpr } from '../expr/index.ts'
import { lookupScalar } from '../functions/index.ts'
import { castMayFail } from './cast.ts'

const known = new WeakMap<Expr, boolean>()

/** Whether evaluation may throw on some rows, so that it must not see rows it does not serve. */
export function canFail(expr: Expr): boolean {
  let result = known.get(expr)
  if (result === undefined) {
    result = someExpr(expr, failsItself)
    known.set(expr, result)
  }
  return result
}

function failsItself(expr: Expr): boolean {
  switch (expr.kind) {
    case 'call':
      if (isPlainLike(expr)) return false
      return lookupScalar(expr.name)?.mayFail ?? true
    case 'cast':
      return !expr.safe && castMayFail(expr.input.type, expr.type)
    case 'user':
      return true
    default:
      return false
  }
}

/** LIKE fails only on a pattern in which the escape character escapes nothing. */
function isPlainLike({ name, args }: CallExpr): boolean {
  const pattern = args[1]
  return (
    (name === 'like' || name === 'ilike') &&
    args.length === 2 &&
    pattern?.kind === 'literal' &&
    typeof pattern.value === 'string' &&
    !pattern.value.includes('\\')
  )
}

const usedColumns = new WeakMap<Expr, ReadonlySet<number>>()

/** The columns of the batch that an expression reads. */
export function columnsOf(expr: Expr): ReadonlySet<number> {
  let columns = usedColumns.get(expr)
  if (columns === undefined) {
    const found = new Set<number>()
    // The test never holds, so that every part is seen.
    someExpr(expr, (part) => {
      if (part.kind === 'column') found.add(part.index)
      return false
    })
    columns = found
    usedColumns.set(expr, columns)
  }
  return columns
}
