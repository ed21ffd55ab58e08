import type { Expr } from '../../engine/expr/index.ts'
import { inputsOf, type PhysicalPlan, type ScanExec } from '../../engine/plan/index.ts'
import { type JoinBuild, tableKeysOf } from './implied-filters.ts'
import { type FilterSource, pushJoinFilter } from './push-join-filter.ts'

/** A build side whose scans test their rows, what part of its rows is left, and what it waits for. */
export interface FilteredBuild {
  readonly plan: PhysicalPlan
  readonly passing: number
  /** Tables by id that are built before this side is read. */
  readonly before: ReadonlySet<number>
}

/**
 * The build side of a join without rows that no streamed row will ask for: all values of the streamed key are
 * keys of a table that the streamed rows come through. So suppliers of some countries are enough where their
 * country has to be the one of a customer who was found by these countries.
 */
export function filterBuildSide(
  build: PhysicalPlan,
  stream: PhysicalPlan,
  keys: readonly { readonly build: Expr; readonly stream: Expr }[],
): FilteredBuild {
  let plan = build
  let passing = 1
  const sources: FilterSource[] = []
  for (const key of keys) {
    if (key.build.kind !== 'column') continue
    for (const table of tableKeysOf(stream, key.stream)) {
      const source = sourceOf(table.build, table.key, stream)
      if (source === undefined) continue
      const pushed = pushJoinFilter(plan, key.build.index, source)
      if (pushed === plan) continue
      plan = pushed
      passing *= source.passing
      sources.push(source)
      break
    }
  }
  if (sources.length === 0) return { plan, passing, before: new Set() }
  const tables = new Map<number, JoinBuild>()
  collectTables(stream, tables)
  const before = new Set<number>()
  for (const source of sources) addWaitedFor(source.build, tables, before)
  return { plan, passing, before }
}

/** The filter of a table key, if a scan of the streamed side has it too. */
function sourceOf({ id }: JoinBuild, key: number, stream: PhysicalPlan): FilterSource | undefined {
  for (const { runtimeFilters } of scansOf(stream))
    for (const filter of runtimeFilters)
      if (filter.build === id && filter.key === key) return { build: id, key, passing: filter.passing }
  return undefined
}

function collectTables(plan: PhysicalPlan, tables: Map<number, JoinBuild>): void {
  if (plan.kind === 'JoinBuildExec') tables.set(plan.id, plan)
  for (const input of inputsOf(plan)) collectTables(input, tables)
}

/** A table, and all whose filters must be there before it can be built. */
function addWaitedFor(id: number, tables: ReadonlyMap<number, JoinBuild>, found: Set<number>): void {
  const table = tables.get(id)
  if (table === undefined || found.has(id)) return
  found.add(id)
  for (const { runtimeFilters } of scansOf(table))
    for (const { build } of runtimeFilters) addWaitedFor(build, tables, found)
}

function scansOf(plan: PhysicalPlan): readonly ScanExec[] {
  return plan.kind === 'ScanExec' ? [plan] : inputsOf(plan).flatMap(scansOf)
}
