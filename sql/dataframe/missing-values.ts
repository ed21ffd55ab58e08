import { type DataType, fieldIndex, isNumeric } from '../../engine/types/index.ts'
import {
  type AnalyzerContext,
  filterPlan,
  type Resolved,
  visibleColumns,
  withColumnPlan,
} from '../analyzer/index.ts'
import type { Expression } from '../parser/index.ts'
import { literalOf } from './literals.ts'
import { schemaOfColumns } from './row-shape.ts'
import type { Names } from './row-types.ts'

/** What `fillna` takes: one value for all columns of its kind, or a value for each named column. */
export type FillValues<R> =
  | number
  | string
  | boolean
  | { readonly [K in Names<R>]?: number | string | boolean }

/** Which rows `dropna` drops. */
export interface NullsToDrop<R> {
  /** `any` (the default): with one NULL; `all`: with nothing but NULLs. */
  readonly how?: 'any' | 'all'
  /** The columns to look at; all if not given. */
  readonly columns?: readonly Names<R>[]
}

/** COALESCE over the columns that a value fits, cast to the type that the column has. */
export function fillNulls(input: Resolved, values: unknown, context: AnalyzerContext): Resolved {
  const columns = visibleColumns(input.scope)
  const schema = schemaOfColumns(columns)
  const chosen: (readonly [name: string, value: unknown])[] =
    typeof values === 'object' && values !== null
      ? Object.entries(values).map(
          ([name, value]) => [schema.fields[fieldIndex(schema, name)]!.name, value] as const,
        )
      : columns.filter(({ type }) => isOfKind(type, values)).map(({ name }) => [name, values] as const)
  if (chosen.length === 0) return input
  const filled = chosen.map(([name, value]) => {
    const args: Expression[] = [{ kind: 'column', parts: [name] }, literalOf(value)]
    return { name, expression: { kind: 'call', name: 'coalesce', args } as const }
  })
  return withColumnPlan(input, filled, context)
}

function isOfKind(type: DataType, value: unknown): boolean {
  if (typeof value === 'number') return isNumeric(type)
  return type.kind === (typeof value === 'string' ? 'string' : 'boolean')
}

/** A filter by IS NOT NULL. */
export function dropNulls(
  input: Resolved,
  { how = 'any', columns }: NullsToDrop<Record<string, unknown>>,
  context: AnalyzerContext,
): Resolved {
  const names = columns ?? visibleColumns(input.scope).map(({ name }) => name)
  const operands = names.map((name): Expression => {
    return { kind: 'isNull', input: { kind: 'column', parts: [name] }, negated: true }
  })
  const [first, second] = operands
  if (first === undefined) return input
  if (second === undefined) return filterPlan(input, first, context)
  return filterPlan(input, { kind: how === 'any' ? 'and' : 'or', operands }, context)
}
