import type { Expression } from '../../parser/index.ts'
import { ColumnNode, columnOrName, operand, typed } from '../column.ts'
import type { BooleanColumn, Column, ColumnOf, ConditionMark, DynamicColumn } from '../column-types.ts'
import type { List, Mapping, OrDynamic, TypeOf } from '../function-types.ts'
import { call } from '../literals.ts'
import type { ValueOf } from '../row-types.ts'

type ElementOf<A> = [TypeOf<A>] extends [never]
  ? unknown
  : NonNullable<TypeOf<A>> extends readonly (infer E)[]
    ? E
    : unknown

let openLambdas = 0

/**
 * A function of the program as a lambda of SQL: it is called once, with columns that stand for its
 * parameters.
 */
function lambda(names: readonly string[], body: (...parameters: DynamicColumn[]) => unknown): Expression {
  const suffix = openLambdas === 0 ? '' : `_${openLambdas}`
  const parameters = names.slice(0, Math.max(1, body.length)).map((name) => `${name}${suffix}`)
  openLambdas++
  try {
    const columns = parameters.map((name) =>
      typed<DynamicColumn>(new ColumnNode({ kind: 'column', parts: [name] })),
    )
    return { kind: 'lambda', parameters, body: operand(body(...columns)) }
  } finally {
    openLambdas--
  }
}

function withLambda(
  name: string,
  inputs: readonly unknown[],
  ...functions: readonly Expression[]
): ColumnNode {
  return new ColumnNode(call(name, [...inputs.map((input) => columnOrName(input).expression), ...functions]))
}

/** Any function of columns, as the lambdas below take it. */
type Untyped = (...parameters: DynamicColumn[]) => unknown

/** Every element through a function of the element and, if wanted, its index. */
export function transform<A extends List, C extends Column<unknown>>(
  list: A,
  body: (element: ColumnOf<ElementOf<A>>, index: DynamicColumn) => C,
): ColumnOf<readonly ValueOf<C>[]> {
  return withLambda('transform', [list], lambda(['x', 'i'], body as Untyped)) as unknown as ColumnOf<
    readonly ValueOf<C>[]
  >
}

/** The elements for which a condition holds. */
export function filter<A extends List>(
  list: A,
  condition: (element: ColumnOf<ElementOf<A>>, index: DynamicColumn) => ConditionMark,
): ColumnOf<OrDynamic<TypeOf<A>>> {
  return withLambda('filter', [list], lambda(['x', 'i'], condition as Untyped)) as unknown as ColumnOf<
    OrDynamic<TypeOf<A>>
  >
}

/** Whether a condition holds for an element. */
export function exists<A extends List>(
  list: A,
  condition: (element: ColumnOf<ElementOf<A>>) => ConditionMark,
): BooleanColumn {
  return typed(withLambda('exists', [list], lambda(['x'], condition as Untyped)))
}

/** Whether a condition holds for every element. */
export function forall<A extends List>(
  list: A,
  condition: (element: ColumnOf<ElementOf<A>>) => ConditionMark,
): BooleanColumn {
  return typed(withLambda('forall', [list], lambda(['x'], condition as Untyped)))
}

/** The elements taken together one by one, from a start; `finish` turns the result into another. */
export function aggregate<A extends List>(
  list: A,
  start: Column<unknown>,
  merge: (sum: DynamicColumn, element: ColumnOf<ElementOf<A>>) => Column<unknown>,
  finish?: (sum: DynamicColumn) => Column<unknown>,
): DynamicColumn {
  const steps = [
    lambda(['x', 'y'], merge as Untyped),
    ...(finish === undefined ? [] : [lambda(['x'], finish)]),
  ]
  return typed(withLambda('aggregate', [list, start], ...steps))
}

/** The same as `aggregate`. */
export const reduce: typeof aggregate = aggregate

/** Elements of two arrays together by a function. */
export function zipWith(
  left: List,
  right: List,
  merge: (left: DynamicColumn, right: DynamicColumn) => Column<unknown>,
): DynamicColumn {
  return typed(withLambda('zip_with', [left, right], lambda(['x', 'y'], merge)))
}

/** A map with other keys. */
export function transformKeys(
  map: Mapping,
  body: (key: DynamicColumn, value: DynamicColumn) => Column<unknown>,
): DynamicColumn {
  return typed(withLambda('transform_keys', [map], lambda(['k', 'v'], body)))
}

/** A map with other values. */
export function transformValues(
  map: Mapping,
  body: (key: DynamicColumn, value: DynamicColumn) => Column<unknown>,
): DynamicColumn {
  return typed(withLambda('transform_values', [map], lambda(['k', 'v'], body)))
}

/** The pairs of a map for which a condition holds. */
export function mapFilter(
  map: Mapping,
  condition: (key: DynamicColumn, value: DynamicColumn) => ConditionMark,
): DynamicColumn {
  return typed(withLambda('map_filter', [map], lambda(['k', 'v'], condition)))
}

/** Values of two maps together by a function of the key and both values. */
export function mapZipWith(
  left: Mapping,
  right: Mapping,
  merge: (key: DynamicColumn, left: DynamicColumn, right: DynamicColumn) => Column<unknown>,
): DynamicColumn {
  return typed(withLambda('map_zip_with', [left, right], lambda(['k', 'x', 'y'], merge)))
}
