import type { AggregateCall, Expr, SortKey } from '../../../engine/expr/index.ts'
import { type Join, type LogicalPlan, outputOf } from '../../../sql/plan/index.ts'

/** Values by column id: numbers, strings, booleans, null. */
export type Row = ReadonlyMap<number, unknown>

/** Tables by name: rows by column name. */
export type Tables = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>

/**
 * The rows of a plan by its definition, dependent joins included: slow and obvious, to judge rules with.
 * Knows what the tests use. `TOO_MANY_ROWS` is thrown where a scalar subquery has two.
 */
export function naiveRows(plan: LogicalPlan, tables: Tables, outer: Row = new Map()): Row[] {
  const rowsOf = (input: LogicalPlan): Row[] => naiveRows(input, tables, outer)
  const value = (expr: Expr, row: Row): unknown => evaluate(expr, new Map([...outer, ...row]))
  switch (plan.kind) {
    case 'Scan':
      return tables[plan.table.name]!.map(
        (row) => new Map(plan.columns.map(({ id, name }) => [id, row[name]])),
      )
    case 'Values':
      return plan.rows.map((row) => new Map(plan.columns.map(({ id }, index) => [id, plain(row[index])])))
    case 'Filter':
      return rowsOf(plan.input).filter((row) => value(plan.predicate, row) === true)
    case 'Project':
      return rowsOf(plan.input).map(
        (row) => new Map(plan.exprs.map((one) => [one.column.id, value(one.expr, row)])),
      )
    case 'Aggregate': {
      const rows = rowsOf(plan.input)
      const keyed = rows.map((row) => ({ row, keys: plan.keys.map(({ expr }) => value(expr, row)) }))
      const groups = new Map<string, typeof keyed>()
      for (const one of keyed)
        groups.set(JSON.stringify(one.keys), [...(groups.get(JSON.stringify(one.keys)) ?? []), one])
      if (plan.keys.length === 0 && groups.size === 0) groups.set('', [])
      return [...groups.values()].map((members) => {
        const keys = plan.keys.map(({ column }, index): [number, unknown] => [
          column.id,
          members[0]?.keys[index],
        ])
        const calls = plan.calls.map(({ column, call }): [number, unknown] => [
          column.id,
          aggregate(
            call,
            members.map(({ row }) => row),
            value,
          ),
        ])
        return new Map([...keys, ...calls])
      })
    }
    case 'Join':
      return join(plan, rowsOf(plan.left), rowsOf(plan.right), value)
    case 'Apply':
      return rowsOf(plan.left).flatMap((row): Row[] => {
        const right = naiveRows(plan.right, tables, new Map([...outer, ...row]))
        const columns = outputOf(plan.right)
        const withOutput = (answer: unknown): Row[] => [new Map([...row, [plan.output!.id, answer]])]
        switch (plan.applyType) {
          case 'exists':
            return withOutput(right.length > 0)
          case 'scalar':
            if (right.length > 1) throw new Error('TOO_MANY_ROWS')
            return withOutput(right[0]?.get(columns[0]!.id) ?? null)
          case 'in': {
            const needles = plan.needles.map((needle) => value(needle, row))
            const tests = right.map((one) =>
              and(needles.map((needle, index) => compare('=', needle, one.get(columns[index]!.id)))),
            )
            return withOutput(or(tests))
          }
          default: {
            if (right.length > 0) return right.map((one) => new Map([...row, ...one]))
            const none = columns.map(({ id }): [number, unknown] => [id, null])
            return plan.applyType === 'left' ? [new Map([...row, ...none])] : []
          }
        }
      })
    case 'Sort':
      return sorted(rowsOf(plan.input), plan.keys, value)
    case 'Limit':
      return rowsOf(plan.input).slice(plan.skip, plan.fetch === null ? undefined : plan.skip + plan.fetch)
    case 'Union':
      return plan.inputs.flatMap((input) => {
        const from = outputOf(input)
        return rowsOf(input).map(
          (row) => new Map(plan.columns.map(({ id }, at) => [id, row.get(from[at]!.id)])),
        )
      })
    case 'Window': {
      const rows = sorted(rowsOf(plan.input), plan.orderBy, value)
      const counts = new Map<string, number>()
      return rows.map((row) => {
        const key = JSON.stringify(plan.partitionBy.map((expr) => value(expr, row)))
        counts.set(key, (counts.get(key) ?? 0) + 1)
        return new Map([...row, [plan.calls[0]!.column.id, counts.get(key)]])
      })
    }
    default:
      throw new Error(`no rows for ${plan.kind}`)
  }
}

type Evaluate = (expr: Expr, row: Row) => unknown

function join(plan: Join, left: Row[], right: Row[], value: Evaluate): Row[] {
  const matches = (a: Row, b: Row): boolean =>
    plan.condition === null || value(plan.condition, new Map([...a, ...b])) === true
  const nulls = (side: LogicalPlan): [number, unknown][] => outputOf(side).map(({ id }) => [id, null])
  const mayMatch = (a: Row, b: Row): boolean => value(plan.condition!, new Map([...a, ...b])) !== false
  switch (plan.joinType) {
    case 'semi':
      return left.filter((a) => right.some((b) => matches(a, b)))
    case 'anti':
      return left.filter((a) => !right.some((b) => matches(a, b)))
    case 'nullAwareAnti':
      return left.filter((a) => !right.some((b) => mayMatch(a, b)))
    case 'existence':
      return left.map((a) => new Map([...a, [plan.mark!.id, right.some((b) => matches(a, b))]]))
    default: {
      const pairs = left.flatMap((a) => right.filter((b) => matches(a, b)).map((b) => new Map([...a, ...b])))
      const keepsLeft = plan.joinType === 'left' || plan.joinType === 'full'
      const keepsRight = plan.joinType === 'right' || plan.joinType === 'full'
      const aloneLeft = keepsLeft ? left.filter((a) => !right.some((b) => matches(a, b))) : []
      const aloneRight = keepsRight ? right.filter((b) => !left.some((a) => matches(a, b))) : []
      return [
        ...pairs,
        ...aloneLeft.map((a) => new Map([...a, ...nulls(plan.right)])),
        ...aloneRight.map((b) => new Map([...nulls(plan.left), ...b])),
      ]
    }
  }
}

function sorted(rows: readonly Row[], keys: readonly SortKey[], value: Evaluate): Row[] {
  return [...rows].sort((a, b) => {
    for (const { expr, descending, nullsFirst } of keys) {
      const [x, y] = [value(expr, a), value(expr, b)]
      if (x === y) continue
      if (x === null || y === null) return (x === null) === nullsFirst ? -1 : 1
      return (x as number) < (y as number) === descending ? 1 : -1
    }
    return 0
  })
}

function aggregate(call: AggregateCall, rows: readonly Row[], value: Evaluate): unknown {
  const kept = rows.filter((row) => call.filter === null || value(call.filter, row) === true)
  const argument = call.args[0]
  const all = kept.map((row) => (argument === undefined ? 1 : value(argument, row)))
  if (call.name === 'any_value') return all[0] ?? null
  if (call.name === 'single_value') {
    if (all.length > 1) throw new Error('TOO_MANY_ROWS')
    return all[0] ?? null
  }
  const present = all.filter((one) => one !== null) as number[]
  const values = call.distinct ? [...new Set(present)] : present
  const total = values.reduce((sum, one) => sum + one, 0)
  if (call.name === 'count') return values.length
  if (values.length === 0) return null
  if (call.name === 'sum') return total
  if (call.name === 'avg') return total / values.length
  if (call.name === 'min') return values.reduce((a, b) => (a < b ? a : b))
  if (call.name === 'max') return values.reduce((a, b) => (a > b ? a : b))
  throw new Error(`no aggregate ${call.name}`)
}

function plain(value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : (value ?? null)
}

function evaluate(expr: Expr, row: Row): unknown {
  const of = (part: Expr): unknown => evaluate(part, row)
  switch (expr.kind) {
    case 'column':
      if (!row.has(expr.index)) throw new Error(`no column ${expr.name} ${expr.index}`)
      return row.get(expr.index)
    case 'literal':
      if (expr.type.kind === 'decimal' && expr.value !== null)
        return Number(expr.value) / 10 ** expr.type.scale
      return plain(expr.value)
    case 'cast':
      return of(expr.input)
    case 'and':
      return and(expr.operands.map(of))
    case 'or':
      return or(expr.operands.map(of))
    case 'case': {
      const taken = expr.branches.find(({ when }) => of(when) === true)
      return taken !== undefined ? of(taken.then) : expr.otherwise === null ? null : of(expr.otherwise)
    }
    case 'call':
      return callOf(expr.name, expr.args.map(of))
    default:
      throw new Error(`no value for ${expr.kind}`)
  }
}

function callOf(name: string, args: readonly unknown[]): unknown {
  const [a, b] = args as [number, number]
  switch (name) {
    case 'isnull':
      return a === null
    case 'single_row':
      if (b !== null && b > 1) throw new Error('TOO_MANY_ROWS')
      return a
    case 'isnotnull':
      return a !== null
    case 'coalesce':
      return args.find((arg) => arg !== null) ?? null
    case 'not':
      return a === null ? null : !a
    case 'in':
      return or(args.slice(1).map((one) => compare('=', a, one)))
    case '<=>':
      return a === b
    case '+':
      return a === null || b === null ? null : a + b
    case '-':
      return a === null || b === null ? null : a - b
    case '*':
      return a === null || b === null ? null : a * b
    default:
      return compare(name, a, b)
  }
}

function compare(op: string, a: unknown, b: unknown): boolean | null {
  if (a === null || b === null) return null
  const [x, y] = [a as number, b as number]
  if (op === '=') return x === y
  if (op === '<') return x < y
  if (op === '<=') return x <= y
  if (op === '>') return x > y
  if (op === '>=') return x >= y
  throw new Error(`no function ${op}`)
}

function and(values: readonly unknown[]): boolean | null {
  return values.includes(false) ? false : values.includes(null) ? null : true
}

function or(values: readonly unknown[]): boolean | null {
  return values.includes(true) ? true : values.includes(null) ? null : false
}
