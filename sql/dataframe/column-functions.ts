import { EngineError } from '../../engine/errors.ts'
import type { Timestamp } from '../../engine/types/index.ts'
import { parseQuery, type SelectItem } from '../parser/index.ts'
import { ColumnNode, columnOrName, nodeOf, typed } from './column.ts'
import type {
  BooleanColumn,
  ColumnOf,
  ConditionMark,
  ConditionOf,
  DynamicColumn,
  NamedColumn,
  Of,
} from './column-types.ts'
import { literalOf } from './literals.ts'
import { splitName } from './names.ts'

/**
 * The column of a name: `col('a')`, of a table with an alias `col('t.a')`, a field of a struct
 * `col('s.field')`, a name with dots in backticks. The compiler does not know its type; whether it exists
 * shows when the query runs.
 */
export function col<const N extends string>(name: N): DynamicColumn & NamedColumn<N, never> {
  return typed(columnOrName(name))
}

/** A constant. */
export function lit<const T>(value: T): ColumnOf<LiteralType<T>> {
  return (value instanceof ColumnNode ? value : new ColumnNode(literalOf(value))) as unknown as ColumnOf<
    LiteralType<T>
  >
}

type LiteralType<T> = T extends null
  ? never
  : T extends string
    ? string
    : T extends boolean
      ? boolean
      : T extends number | bigint
        ? Of<T>
        : T extends Date
          ? Timestamp
          : T extends readonly (infer E)[]
            ? readonly LiteralType<E>[]
            : T extends ReadonlyMap<infer K, infer V>
              ? ReadonlyMap<LiteralType<K>, LiteralType<V>>
              : T

/** A SQL expression: `expr('price * 1.2 AS gross')`. PARSE_SYNTAX_ERROR if it is none. */
export function expr(text: string): DynamicColumn {
  return typed(parseColumn(text))
}

/** Every column, or those of a table with an alias. */
export function star(qualifier?: string): DynamicColumn {
  return typed(
    new ColumnNode({
      kind: 'star',
      qualifier: qualifier === undefined ? [] : splitName(qualifier),
      except: [],
    }),
  )
}

/** Whether not. */
export function not<C extends ConditionMark>(condition: C): BooleanColumn<ConditionOf<C>> {
  return typed(nodeOf(condition).not())
}

/** An expression of SQL with its alias, if it has one. */
export function parseColumn(text: string): ColumnNode {
  const items = parseSelectItems(text)
  const [item] = items
  if (item !== undefined && items.length === 1) return new ColumnNode(item.expression, item.aliases)
  throw new EngineError('INVALID_ARGUMENT', `"${text}" is ${items.length} columns, not one`)
}

/** The items of a SELECT list. PARSE_SYNTAX_ERROR, with a position in the text, if it is none. */
export function parseSelectItems(text: string): readonly SelectItem[] {
  const { body } = parseQuery(`SELECT\n${text}`)
  if (body.kind === 'select' && body.from.length === 0 && body.where === undefined) return body.items
  throw new EngineError('INVALID_ARGUMENT', `"${text}" is more than an expression`)
}
