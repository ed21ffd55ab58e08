import { ColumnNode, nodeOf, operand, typed } from '../column.ts'
import type { Column, ColumnOf, ConditionMark, NumericColumn, Of } from '../column-types.ts'
import { callOf } from '../define-function.ts'
import type { Any } from '../function-types.ts'
import type { Int64 } from '../row-types.ts'

/** The type of a value or column of a choice. */
type ChoiceOf<V> =
  V extends Column<infer T>
    ? [T] extends [never]
      ? unknown
      : T
    : V extends null
      ? null
      : V extends string
        ? string
        : V extends boolean
          ? boolean
          : V extends number | bigint
            ? Of<V>
            : V

/** CASE under way: its value is NULL where no condition holds. */
export type WhenColumn<T> = ColumnOf<T | null> & WhenMethods<T>

/** How a CASE goes on. */
export interface WhenMethods<T> {
  /** The value where this condition is the first that holds. */
  when<const V>(condition: ConditionMark, value: V): WhenColumn<T | ChoiceOf<V>>
  /** The value where no condition holds. */
  otherwise<const V>(value: V): ColumnOf<T | ChoiceOf<V>>
}

class WhenNode extends ColumnNode {
  when(condition: unknown, value: unknown): WhenNode {
    const { expression } = this
    const branches = expression.kind === 'case' ? expression.branches : []
    const branch = { when: nodeOf(condition).expression, then: operand(value) }
    return new WhenNode({ kind: 'case', branches: [...branches, branch] })
  }

  otherwise(value: unknown): ColumnNode {
    const { expression } = this
    return new ColumnNode(
      expression.kind === 'case' ? { ...expression, otherwise: operand(value) } : expression,
    )
  }
}

/** `when(condition, value).when(…).otherwise(value)`: CASE. Strings are values here, not names. */
export function when<const V>(condition: ConditionMark, value: V): WhenColumn<ChoiceOf<V>> {
  const start = new WhenNode({ kind: 'case', branches: [] })
  return start.when(condition, value) as unknown as WhenColumn<ChoiceOf<V>>
}

/** Number of rows, or of those where every value is not NULL. */
export function count(...values: readonly Any[]): NumericColumn<Int64> {
  return typed(callOf('count', values.length === 0 ? ['*'] : values))
}

/** A function by its SQL name, the program's own included. */
export function callFunction(name: string, ...args: readonly Any[]): ColumnOf<unknown> {
  return typed(callOf(name, args))
}
