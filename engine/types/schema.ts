import { EngineError, nearestNames } from '../errors.ts'
import { type DataType, type Field, typeName } from './data-type.ts'

/** The columns of a table or batch, in order. */
export interface Schema {
  readonly fields: readonly Field[]
}

/** A nullable field. */
export function field(name: string, type: DataType, nullable = true): Field {
  return { name, type, nullable }
}

/** Position of a column by name, ignoring case as Spark does; UNRESOLVED_COLUMN names the nearest. */
export function fieldIndex(schema: Schema, name: string): number {
  const exact = schema.fields.findIndex((candidate) => candidate.name === name)
  if (exact >= 0) return exact
  const lower = name.toLowerCase()
  const index = schema.fields.findIndex((candidate) => candidate.name.toLowerCase() === lower)
  if (index >= 0) return index
  const near = nearestNames(
    name,
    schema.fields.map((candidate) => candidate.name),
  )
  throw new EngineError('UNRESOLVED_COLUMN', `column "${name}" does not exist`, {
    hint: near.length > 0 ? `Did you mean ${near.map((n) => `"${n}"`).join(' or ')}?` : undefined,
  })
}

/** `a int, b string NOT NULL`: a schema as SQL would declare it. */
export function schemaText(schema: Schema): string {
  return schema.fields
    .map(
      (candidate) => `${candidate.name} ${typeName(candidate.type)}${candidate.nullable ? '' : ' NOT NULL'}`,
    )
    .join(', ')
}
