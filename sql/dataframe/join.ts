import { joinPlan } from '../analyzer/index.ts'
import type { Expression, JoinType } from '../parser/index.ts'
import { bindFrames, type FrameToken, withoutFrames } from './bind-frames.ts'
import { captureCallSite } from './call-site.ts'
import { ColumnNode, nodeOf } from './column.ts'
import type { Columns, ConditionMark } from './column-types.ts'
import { LazyPlan, located } from './lazy-plan.ts'
import { rowColumns } from './row-columns.ts'
import type { JoinHow, Names } from './row-types.ts'

/** How rows are paired: by names that both sides have, or by a condition. */
export type JoinOn<L, R> =
  | (Names<L> & Names<R>)
  | readonly (Names<L> & Names<R>)[]
  | ConditionMark
  | ((left: Columns<L>, right: Columns<R>) => ConditionMark)

const JOIN_TYPES: Readonly<Record<JoinHow, JoinType>> = {
  inner: 'inner',
  cross: 'cross',
  left: 'left',
  leftOuter: 'left',
  right: 'right',
  rightOuter: 'right',
  full: 'full',
  outer: 'full',
  fullOuter: 'full',
  semi: 'leftSemi',
  leftSemi: 'leftSemi',
  anti: 'leftAnti',
  leftAnti: 'leftAnti',
}

/** The join of two plans; `on` is names, a column or a callback, undefined for every row with every row. */
export function joinLazy(left: LazyPlan, right: LazyPlan, on: unknown, how: JoinHow): LazyPlan {
  const site = captureCallSite()
  const sides = {
    left: { label: '(left)', resolve: () => left.resolve() } satisfies FrameToken,
    right: { label: '(right)', resolve: () => right.resolve() } satisfies FrameToken,
  }
  const { using, condition } = readCondition(on, sides)
  return new LazyPlan(left.executor, async () => {
    const [leftResolved, rightResolved] = [await left.resolve(), await right.resolve()]
    return await located(site, async () => {
      const { tree, inputs } = await bindFrames(condition, [
        { resolved: leftResolved, tokens: [left, sides.left] },
        { resolved: rightResolved, tokens: [right, sides.right] },
      ])
      const context = left.executor.analyzerContext()
      return withoutFrames(joinPlan(inputs[0]!, inputs[1]!, JOIN_TYPES[how], { on: tree, using }, context))
    })
  })
}

function readCondition(
  on: unknown,
  sides: { readonly left: FrameToken; readonly right: FrameToken },
): { readonly using: readonly string[]; readonly condition: Expression | undefined } {
  if (on === undefined) return { using: [], condition: undefined }
  if (typeof on === 'string') return { using: [on], condition: undefined }
  if (Array.isArray(on)) return { using: on.map(String), condition: undefined }
  if (on instanceof ColumnNode) return { using: [], condition: on.expression }
  if (typeof on !== 'function') return { using: [], condition: nodeOf(on).expression }
  const callback = on as (left: Columns<object>, right: Columns<object>) => unknown
  const column = callback(rowColumns(sides.left), rowColumns(sides.right))
  return { using: [], condition: nodeOf(column).expression }
}
