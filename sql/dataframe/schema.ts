import type { Field, Schema } from '../../engine/types/index.ts'
import { convertType } from '../analyzer/index.ts'
import { parseType } from '../parser/index.ts'
import type { ColumnText, DeclaredRow } from './type-text.ts'

declare const rowType: unique symbol

/** Columns with their SQL types, and for the compiler the row they make. */
export interface TableSchema<out R = unknown> extends Schema {
  /** Only for the compiler. */
  readonly [rowType]?: R
}

/**
 * A schema whose columns the compiler knows: `schema({ id: 'int not null', price: 'decimal(12,3)' })`.
 * PARSE_SYNTAX_ERROR for a type that does not exist (most do not even compile).
 */
export function schema<const S extends Readonly<Record<string, ColumnText>>>(
  columns: S,
): TableSchema<DeclaredRow<S>> {
  return { fields: Object.entries(columns).map(([name, text]) => declaredField(name, text)) }
}

function declaredField(name: string, text: string): Field {
  const type = text.replace(/ not null$/i, '')
  return { name, type: convertType(parseType(type)), nullable: type === text }
}
