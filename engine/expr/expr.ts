import type { DataType, Value } from '../types/index.ts'

/**
 * An expression over the columns of one batch, resolved and typed. Plain data.
 *
 * Operators are calls too, under Spark's function names: `+ - * / % div` (unary minus is `negative`),
 * `= <=> < <= > >=` (`<>` is NOT of `=`), `not`, `isnull`, `isnotnull`, `in`, `like`, `rlike`, `||` is
 * `concat`.
 * Arguments of a call already have the types that the function asks for: the analyzer puts in the casts.
 */
export type Expr =
  | ColumnExpr
  | LiteralExpr
  | CallExpr
  | CastExpr
  | LogicExpr
  | CaseExpr
  | LambdaExpr
  | LambdaVariableExpr
  | UserCallExpr

/** Column `index` of the batch. `name` is for people. */
export interface ColumnExpr {
  readonly kind: 'column'
  readonly index: number
  readonly name: string
  readonly type: DataType
}

/** A constant. */
export interface LiteralExpr {
  readonly kind: 'literal'
  readonly value: Value
  readonly type: DataType
}

/** A scalar function of `functions/registry.ts`. */
export interface CallExpr {
  readonly kind: 'call'
  readonly name: string
  readonly args: readonly Expr[]
  readonly type: DataType
}

/**
 * Conversion by Spark's ANSI rules; `safe` (try_cast) gives NULL where a value does not fit, else it is an
 * error.
 */
export interface CastExpr {
  readonly kind: 'cast'
  readonly input: Expr
  readonly type: DataType
  readonly safe: boolean
}

/** AND, OR: three-valued; later operands are evaluated only for rows that earlier ones leave open. */
export interface LogicExpr {
  readonly kind: 'and' | 'or'
  readonly operands: readonly Expr[]
  readonly type: { readonly kind: 'boolean' }
}

/**
 * The value of the first branch whose condition is TRUE; branches are evaluated only for the rows they serve.
 */
export interface CaseExpr {
  readonly kind: 'case'
  readonly branches: readonly { readonly when: Expr; readonly then: Expr }[]
  /** NULL if absent. */
  readonly otherwise: Expr | null
  readonly type: DataType
}

/** A function argument of `transform`, `filter`, `aggregate` …; its type is that of the body. */
export interface LambdaExpr {
  readonly kind: 'lambda'
  readonly params: readonly { readonly id: number; readonly name: string; readonly type: DataType }[]
  readonly body: Expr
  readonly type: DataType
}

/** A parameter of an enclosing lambda. */
export interface LambdaVariableExpr {
  readonly kind: 'variable'
  readonly id: number
  readonly name: string
  readonly type: DataType
}

/** A TypeScript function of the user's program, called a row at a time with public values. */
export interface UserCallExpr {
  readonly kind: 'user'
  readonly name: string
  /** Id of the shipped function; see user-code/. */
  readonly functionId: string
  readonly args: readonly Expr[]
  readonly type: DataType
}

/** One aggregate of an Aggregate or Window node, e.g. `sum(DISTINCT x) FILTER (WHERE y)`. */
export interface AggregateCall {
  readonly name: string
  readonly args: readonly Expr[]
  readonly distinct: boolean
  readonly filter: Expr | null
  /** For `WITHIN GROUP (ORDER BY …)` and ordered collects; empty else. */
  readonly order: readonly SortKey[]
  readonly type: DataType
}

/** One key of an ordering. Spark's default: ascending with NULLs first, descending with NULLs last. */
export interface SortKey {
  readonly expr: Expr
  readonly descending: boolean
  readonly nullsFirst: boolean
}

/** The expressions directly below one. */
export function childrenOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'column':
    case 'literal':
    case 'variable':
      return []
    case 'call':
    case 'user':
      return expr.args
    case 'cast':
      return [expr.input]
    case 'and':
    case 'or':
      return expr.operands
    case 'case': {
      const branches = expr.branches.flatMap(({ when, then }) => [when, then])
      return expr.otherwise === null ? branches : [...branches, expr.otherwise]
    }
    case 'lambda':
      return [expr.body]
  }
}

/** The same expression over other children, given in the order of `childrenOf`. */
export function withChildren(expr: Expr, children: readonly Expr[]): Expr {
  switch (expr.kind) {
    case 'column':
    case 'literal':
    case 'variable':
      return expr
    case 'call':
    case 'user':
      return { ...expr, args: children }
    case 'cast':
      return { ...expr, input: children[0]! }
    case 'and':
    case 'or':
      return { ...expr, operands: children }
    case 'case': {
      const branches = expr.branches.map((_, index) => ({
        when: children[2 * index]!,
        then: children[2 * index + 1]!,
      }))
      return { ...expr, branches, otherwise: expr.otherwise === null ? null : children.at(-1)! }
    }
    case 'lambda':
      return { ...expr, body: children[0]! }
  }
}

/**
 * A value computed bottom-up: `combine` sees each node with what its children gave, in the order of
 * `childrenOf`.
 * It keeps its own stack, so that chains of many thousand operators do not exhaust the call stack.
 */
export function foldExpr<Result>(expr: Expr, combine: (expr: Expr, children: Result[]) => Result): Result {
  interface Frame {
    readonly expr: Expr
    readonly children: readonly Expr[]
    readonly results: Result[]
  }
  const stack: Frame[] = [{ expr, children: childrenOf(expr), results: [] }]
  for (;;) {
    const frame = stack.at(-1)!
    const child = frame.children[frame.results.length]
    if (child !== undefined) {
      stack.push({ expr: child, children: childrenOf(child), results: [] })
      continue
    }
    stack.pop()
    const result = combine(frame.expr, frame.results)
    const parent = stack.at(-1)
    if (parent === undefined) return result
    parent.results.push(result)
  }
}

/**
 * Rewrites bottom-up: `rewrite` sees each node after its children were rewritten. Unchanged parts are shared.
 */
export function transformExpr(expr: Expr, rewrite: (expr: Expr) => Expr): Expr {
  return foldExpr<Expr>(expr, (node, after) => {
    const before = childrenOf(node)
    const changed = after.some((child, index) => child !== before[index])
    return rewrite(changed ? withChildren(node, after) : node)
  })
}

/** Whether `test` holds for the expression or any part of it. */
export function someExpr(expr: Expr, test: (expr: Expr) => boolean): boolean {
  const open: Expr[] = [expr]
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    if (test(part)) return true
    const children = childrenOf(part)
    for (let index = children.length - 1; index >= 0; index--) open.push(children[index]!)
  }
  return false
}
