import { type PhysicalPlan, planKey } from '../../engine/plan/index.ts'
import type { EquiKey } from '../optimizer/index.ts'
import type { Join } from '../plan/index.ts'
import { binderFor } from './bind.ts'
import { filterBuildSide } from './filter-build-side.ts'
import { toSingle } from './insert-exchanges.ts'
import type { Planned, Planner } from './planned.ts'
import { pushJoinFilter } from './push-join-filter.ts'
import { dropsUnmatched, MOST_PASSING, partPassing } from './share-table.ts'

/**
 * The streamed side of a join that parts both sides, with only those rows that find a match, before they
 * move: its scans test rows by the keys of the build side, and a table of these keys drops the rest. `build`,
 * the other side as it is spread already, is made once for both. The stream as it is where that gains
 * nothing.
 */
export function reduceStream(
  join: Join,
  build: Planned,
  stream: Planned,
  keys: readonly EquiKey[],
  side: 'left' | 'right',
  planner: Planner,
): Planned {
  if (!dropsUnmatched(join, side)) return stream
  const other = side === 'left' ? 'right' : 'left'
  const own = keys.map((key) => binderFor(build.columns).expr(key[side]))
  const asked = keys.map((key) => binderFor(stream.columns).expr(key[other]))
  if (build.plan.kind !== 'ExchangeExec') {
    // Rows that an earlier join has spread came through its tables, which know all their keys.
    const pairs = keys.flatMap(({ nullSafe }, index) =>
      nullSafe ? [] : [{ build: asked[index]!, stream: own[index]! }],
    )
    return { ...stream, plan: filterBuildSide(stream.plan, build.plan, pairs).plan }
  }
  // What is made twice must be the same both times.
  if (planKey(build.plan.input, build.plan.distribution) === null) return stream
  const id = planner.nextId()
  let plan = stream.plan
  const filtered: number[] = []
  for (const [index, key] of keys.entries()) {
    const passing = partPassing(join, key, side)
    const column = asked[index]!
    if (key.nullSafe || passing > MOST_PASSING || column.kind !== 'column') continue
    const pushed = pushJoinFilter(plan, column.index, { build: id, key: index, passing })
    if (pushed === plan) continue
    plan = pushed
    filtered.push(index)
  }
  if (filtered.length === 0) return stream
  const single = toSingle(build, planner).plan
  const nullSafe = keys.map((key) => key.nullSafe)
  const table: PhysicalPlan = {
    kind: 'JoinBuildExec',
    id,
    schema: single.schema,
    input: single,
    keys: own,
    nullSafe,
    keysOnly: true,
    markingTasks: 0,
    filtered,
  }
  const reduced: PhysicalPlan = {
    kind: 'HashJoinExec',
    id: planner.nextId(),
    schema: plan.schema,
    left: plan,
    right: table,
    joinType: 'semi',
    build: 'right',
    leftKeys: asked,
    rightKeys: own,
    nullSafe,
    condition: null,
  }
  return { ...stream, plan: reduced }
}
