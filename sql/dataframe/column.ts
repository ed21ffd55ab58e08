import { EngineError } from '../../engine/errors.ts'
import type { BinaryOperator, Expression, SelectItem, SortItem } from '../parser/index.ts'
import { formatExpression, parseType } from '../parser/index.ts'
import type { Column, SortColumn } from './column-types.ts'
import { call, literalOf } from './literals.ts'
import { splitName } from './names.ts'
import type { WindowSpecification } from './window.ts'

/**
 * What every column is at run time: an expression of the syntax tree, and the names it was given. The types
 * of column-types.ts say which methods the compiler lets through.
 */
export class ColumnNode {
  readonly expression: Expression
  /** More than one for a generator of several columns. */
  readonly aliases: readonly string[]

  constructor(expression: Expression, aliases: readonly string[] = []) {
    this.expression = expression
    this.aliases = aliases
  }

  eq(other: unknown): ColumnNode {
    return this.#binary('=', other)
  }

  notEq(other: unknown): ColumnNode {
    return this.#binary('<>', other)
  }

  eqNullSafe(other: unknown): ColumnNode {
    return this.#binary('<=>', other)
  }

  lt(other: unknown): ColumnNode {
    return this.#binary('<', other)
  }

  le(other: unknown): ColumnNode {
    return this.#binary('<=', other)
  }

  gt(other: unknown): ColumnNode {
    return this.#binary('>', other)
  }

  ge(other: unknown): ColumnNode {
    return this.#binary('>=', other)
  }

  plus(other: unknown): ColumnNode {
    return this.#binary('+', other)
  }

  minus(other: unknown): ColumnNode {
    return this.#binary('-', other)
  }

  times(other: unknown): ColumnNode {
    return this.#binary('*', other)
  }

  dividedBy(other: unknown): ColumnNode {
    return this.#binary('/', other)
  }

  div(other: unknown): ColumnNode {
    return this.#binary('div', other)
  }

  mod(other: unknown): ColumnNode {
    return this.#binary('%', other)
  }

  bitwiseAnd(other: unknown): ColumnNode {
    return this.#binary('&', other)
  }

  bitwiseOr(other: unknown): ColumnNode {
    return this.#binary('|', other)
  }

  bitwiseXor(other: unknown): ColumnNode {
    return this.#binary('^', other)
  }

  negate(): ColumnNode {
    return new ColumnNode({ kind: 'unary', operator: '-', operand: this.expression })
  }

  between(low: unknown, high: unknown): ColumnNode {
    const bounds = { low: operand(low), high: operand(high) }
    return new ColumnNode({ kind: 'between', input: this.expression, ...bounds, negated: false })
  }

  isIn(...values: readonly unknown[]): ColumnNode {
    const items = values.flat().map(operand)
    if (items.length > 0)
      return new ColumnNode({ kind: 'inList', input: this.expression, items, negated: false })
    // SQL has no empty list: nothing is in it, and NULL stays NULL.
    return new ColumnNode({ kind: 'and', operands: [this.notEq(this).expression, literalOf(false)] })
  }

  isNull(): ColumnNode {
    return new ColumnNode({ kind: 'isNull', input: this.expression, negated: false })
  }

  isNotNull(): ColumnNode {
    return new ColumnNode({ kind: 'isNull', input: this.expression, negated: true })
  }

  and(other: unknown): ColumnNode {
    return new ColumnNode({ kind: 'and', operands: [...operandsOf('and', this.expression), operand(other)] })
  }

  or(other: unknown): ColumnNode {
    return new ColumnNode({ kind: 'or', operands: [...operandsOf('or', this.expression), operand(other)] })
  }

  not(): ColumnNode {
    return new ColumnNode({ kind: 'unary', operator: 'not', operand: this.expression })
  }

  like(pattern: unknown): ColumnNode {
    return this.#like('like', pattern)
  }

  ilike(pattern: unknown): ColumnNode {
    return this.#like('ilike', pattern)
  }

  rlike(pattern: unknown): ColumnNode {
    return this.#like('rlike', pattern)
  }

  startsWith(prefix: unknown): ColumnNode {
    return this.#call('startswith', prefix)
  }

  endsWith(suffix: unknown): ColumnNode {
    return this.#call('endswith', suffix)
  }

  contains(part: unknown): ColumnNode {
    return this.#call('contains', part)
  }

  substr(start: number, length?: number): ColumnNode {
    return length === undefined ? this.#call('substring', start) : this.#call('substring', start, length)
  }

  getItem(key: unknown): ColumnNode {
    return new ColumnNode({ kind: 'index', input: this.expression, index: operand(key) })
  }

  getField(name: string): ColumnNode {
    return new ColumnNode({ kind: 'field', input: this.expression, name })
  }

  cast(type: string): ColumnNode {
    return new ColumnNode(
      { kind: 'cast', input: this.expression, type: parseType(type), try: false },
      this.aliases,
    )
  }

  tryCast(type: string): ColumnNode {
    return new ColumnNode(
      { kind: 'cast', input: this.expression, type: parseType(type), try: true },
      this.aliases,
    )
  }

  as(...names: readonly string[]): ColumnNode {
    return new ColumnNode(this.expression, names)
  }

  alias(...names: readonly string[]): ColumnNode {
    return new ColumnNode(this.expression, names)
  }

  over(window: WindowSpecification): ColumnNode {
    if (this.expression.kind === 'call')
      return new ColumnNode({ ...this.expression, over: window.spec }, this.aliases)
    throw new EngineError(
      'INVALID_ARGUMENT',
      `"${this.toString()}" cannot have a window, it is no call of a function`,
      {
        hint: 'Call over() right after the aggregate or ranking function: sum(x).over(window).',
      },
    )
  }

  asc(): SortNode {
    return this.ascNullsFirst()
  }

  desc(): SortNode {
    return this.descNullsLast()
  }

  ascNullsFirst(): SortNode {
    return new SortNode(this.expression, false, true)
  }

  ascNullsLast(): SortNode {
    return new SortNode(this.expression, false, false)
  }

  descNullsFirst(): SortNode {
    return new SortNode(this.expression, true, true)
  }

  descNullsLast(): SortNode {
    return new SortNode(this.expression, true, false)
  }

  toString(): string {
    return this.aliases[0] ?? formatExpression(this.expression)
  }

  #binary(operator: BinaryOperator, other: unknown): ColumnNode {
    return new ColumnNode({ kind: 'binary', operator, left: this.expression, right: operand(other) })
  }

  #like(operator: 'like' | 'ilike' | 'rlike', pattern: unknown): ColumnNode {
    const input = this.expression
    return new ColumnNode({ kind: 'like', operator, input, pattern: operand(pattern), negated: false })
  }

  #call(name: string, ...args: readonly unknown[]): ColumnNode {
    return new ColumnNode(call(name, [this.expression, ...args.map(operand)]))
  }
}

/** An ORDER BY item. */
export class SortNode implements SortColumn {
  readonly sort: 'asc' | 'desc'
  readonly item: SortItem

  constructor(expression: Expression, descending: boolean, nullsFirst: boolean) {
    this.sort = descending ? 'desc' : 'asc'
    this.item = { kind: 'sortItem', expression, descending, nullsFirst }
  }
}

function operandsOf(kind: 'and' | 'or', expression: Expression): readonly Expression[] {
  return expression.kind === kind ? expression.operands : [expression]
}

/** A column's expression, or a constant for anything else. */
export function operand(value: unknown): Expression {
  return value instanceof ColumnNode ? value.expression : literalOf(value)
}

/** A column as the compiler sees it; the node has the methods of all types. */
export function typed<C extends Column<unknown>>(node: ColumnNode): C {
  return node as unknown as C
}

/** The node of a column. INVALID_ARGUMENT for what only looks like one. */
export function nodeOf(column: unknown): ColumnNode {
  if (column instanceof ColumnNode) return column
  throw new EngineError('INVALID_ARGUMENT', `a column was expected, not ${describe(column)}`, {
    hint: 'Use col("name"), lit(value), or an expression of columns.',
  })
}

function describe(value: unknown): string {
  if (value === null || typeof value !== 'object') return `${typeof value} ${String(value)}`
  return `an object of ${value.constructor?.name ?? 'no class'}`
}

/** The column of a name, a column itself. */
export function columnOrName(value: unknown): ColumnNode {
  return typeof value === 'string' ? columnNamed(value) : nodeOf(value)
}

function columnNamed(name: string): ColumnNode {
  const parts = splitName(name)
  if (parts.at(-1) !== '*' || name.endsWith('`')) return new ColumnNode({ kind: 'column', parts })
  return new ColumnNode({ kind: 'star', qualifier: parts.slice(0, -1), except: [] })
}

/** A column as an item of SELECT. */
export function selectItemOf(node: ColumnNode): SelectItem {
  return { kind: 'selectItem', expression: node.expression, aliases: node.aliases }
}

/** A name, a column or a direction as an item of ORDER BY. */
export function sortItemOf(value: unknown): SortItem {
  return value instanceof SortNode ? value.item : columnOrName(value).ascNullsFirst().item
}
