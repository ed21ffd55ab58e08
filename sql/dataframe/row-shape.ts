import { EngineError } from '../../engine/errors.ts'
import { fieldIndex, type Schema, typeName, typesEqual } from '../../engine/types/index.ts'
import {
  type AnalyzerContext,
  plainPlan,
  type Resolved,
  resolvedOf,
  selectPlan,
  withColumnPlan,
} from '../analyzer/index.ts'
import { parseType, type SelectItem } from '../parser/index.ts'
import { type Column, schemaOf } from '../plan/index.ts'

/** The columns of the input and those of the items, which replace columns of their name in their place. */
export function withItems(input: Resolved, items: readonly SelectItem[], context: AnalyzerContext): Resolved {
  const columns = items.map(({ expression, aliases }) => ({ name: aliases[0]!, expression }))
  return withColumnPlan(input, columns, context)
}

/** All columns under new names. ASSIGNMENT_ARITY_MISMATCH for another number of names. */
export function renameAll({ plan, scope }: Resolved, names: readonly string[]): Resolved {
  const visible = scope.columns.filter(({ hidden }) => !hidden)
  if (visible.length !== names.length)
    throw new EngineError(
      'ASSIGNMENT_ARITY_MISMATCH',
      `${names.length} names stand for ${visible.length} columns`,
    )
  const columns = visible.map((entry, index) => ({
    ...entry,
    column: { ...entry.column, name: names[index]! },
  }))
  return { plan, scope: { ...scope, columns } }
}

/**
 * The columns of a schema, by name and cast where their type differs. UNRESOLVED_COLUMN for one that is not
 * there, DATATYPE_MISMATCH for a type that cannot be cast.
 */
export function castToSchema(input: Resolved, schema: Schema, context: AnalyzerContext): Resolved {
  const plain = resolvedOf(plainPlan(input))
  const given = schemaOf(plain.plan)
  const items = schema.fields.map((field): SelectItem => {
    const source = given.fields[fieldIndex(given, field.name)]!
    const column = { kind: 'column', parts: [source.name] } as const
    const cast = { kind: 'cast', input: column, type: parseType(typeName(field.type)), try: false } as const
    const expression = typesEqual(source.type, field.type) ? column : cast
    return { kind: 'selectItem', expression, aliases: [field.name] }
  })
  return selectPlan(plain, items, context)
}

/** Columns of a plan as a schema. */
export function schemaOfColumns(columns: readonly Column[]): Schema {
  return { fields: columns.map(({ name, type, nullable }) => ({ name, type, nullable })) }
}
