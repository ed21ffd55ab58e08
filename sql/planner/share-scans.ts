import { type Expr, someExpr, transformExpr } from '../../engine/expr/index.ts'
import {
  type Distribution,
  inputsOf,
  isLarge,
  type PhysicalPlan,
  partitionCountOf,
  placeOf,
  planKey,
  type RuntimeFilter,
  type ScanExec,
  withInputs,
} from '../../engine/plan/index.ts'
import type { Field } from '../../engine/types/index.ts'
import { impliedKeys, type JoinBuild } from './implied-filters.ts'
import type { Planner } from './planned.ts'

/** Fewer rows are read twice without much loss. */
const LEAST_ROWS = 100_000
/** Largest part of a table's rows that is kept for a second reader. */
const MOST_KEPT = 0.1
/** More rows are read by a task a thread. */
const ROWS_PER_TASK = 50_000

/** A scan and the filters that it may have: by name, its own and those that they imply. */
interface Candidate {
  readonly scan: ScanExec
  readonly rowCount: number
  readonly filters: ReadonlyMap<string, RuntimeFilter>
}

/**
 * The plan with one scan in place of several that read one table and of which joins above want few rows, by
 * the same keys: `lineitem` of some parts for its sum, and again for its average. What is read goes through
 * an exchange that all read from.
 */
export function shareScans(plan: PhysicalPlan, planner: Planner): PhysicalPlan {
  const scans: ScanExec[] = []
  const builds = new Map<number, JoinBuild>()
  collect(plan, scans, builds)
  const repeated = byTable(scans.filter(isWorthwhile)).filter((same) => same.length > 1)
  if (repeated.length === 0) return plan
  const names = new Map<number, string>()
  const shared = new Map<number, PhysicalPlan>()
  for (const same of repeated) {
    const candidates = same.map((scan) => candidateOf(scan, builds, names))
    for (const group of groupsOf(candidates))
      for (const [id, reader] of readersOf(group, planner)) shared.set(id, reader)
  }
  return shared.size === 0 ? plan : replaced(plan, shared)
}

function collect(plan: PhysicalPlan, scans: ScanExec[], builds: Map<number, JoinBuild>): void {
  if (plan.kind === 'ScanExec') scans.push(plan)
  if (plan.kind === 'JoinBuildExec') builds.set(plan.id, plan)
  for (const input of inputsOf(plan)) collect(input, scans, builds)
}

function byTable(scans: readonly ScanExec[]): readonly (readonly ScanExec[])[] {
  const names = new Set(scans.map(({ table }) => table))
  if (scans.length === names.size) return []
  const tables = new Map<string, ScanExec[]>()
  for (const scan of scans) {
    const key = tableKey(scan)
    tables.set(key, [...(tables.get(key) ?? []), scan])
  }
  return [...tables.values()]
}

/** Buckets must stay where they are. */
function isWorthwhile(scan: ScanExec): boolean {
  if (scan.runtimeFilters.length === 0 || rowCountOf(scan) < LEAST_ROWS) return false
  return scan.partitions.every((splits) => splits.every(({ bucket }) => bucket === undefined))
}

/** Rows of all splits; 0 if that is not known. */
function rowCountOf({ partitions }: ScanExec): number {
  return partitions.flat().reduce((sum, { rowCount }) => sum + (rowCount ?? Number.NaN), 0) || 0
}

/** What is read, however it is dealt out. */
function tableKey({ source, request, partitions }: ScanExec): string {
  const { options, predicates } = request
  const pieces = partitions.flat().map(({ data }) => data)
  return JSON.stringify([source, options, predicates, pieces], (_, value: unknown) => {
    if (ArrayBuffer.isView(value) && isLarge(value)) return placeOf(value)
    return typeof value === 'bigint' ? `${value}n` : value
  })
}

/** `names` keeps what equal tables are called by, since their ids differ. */
function candidateOf(
  scan: ScanExec,
  builds: ReadonlyMap<number, JoinBuild>,
  names: Map<number, string>,
): Candidate {
  const nameOf = (build: JoinBuild): string => {
    const known = names.get(build.id) ?? planKey(build, { kind: 'table' }) ?? `#${build.id}`
    names.set(build.id, known)
    return known
  }
  const filters = new Map<string, RuntimeFilter>()
  for (const filter of scan.runtimeFilters) {
    const column = scan.request.columns[filter.column]!
    for (const { build, key } of impliedKeys({ build: builds.get(filter.build)!, key: filter.key })) {
      if (!build.filtered.includes(key)) continue
      const passing = build.id === filter.build ? filter.passing : 1
      const name = `${column} ${key} ${nameOf(build)}`
      const known = filters.get(name)
      if (known === undefined || passing < known.passing)
        filters.set(name, { ...filter, build: build.id, key, passing })
    }
  }
  return { scan, rowCount: rowCountOf(scan), filters }
}

/** Scans of one table that become one, and the names of the filters which that has. */
interface Group {
  readonly members: readonly Candidate[]
  readonly filters: ReadonlyMap<string, number>
}

/** The pair that keeps fewest rows first, with all others that may have its filters too. */
function groupsOf(candidates: readonly Candidate[]): readonly Group[] {
  let best: { readonly kept: number; readonly filters: Group['filters'] } | undefined
  for (const [index, first] of candidates.entries())
    for (const second of candidates.slice(index + 1)) {
      const filters = commonFilters(first, second)
      const kept = [...filters.values()].reduce((product, passing) => product * passing, 1)
      if (kept <= (best?.kept ?? MOST_KEPT)) best = { kept, filters }
    }
  if (best === undefined) return []
  const { filters } = best
  const names = [...filters.keys()]
  const [members, others] = [true, false].map((wanted) =>
    candidates.filter((candidate) => names.every((name) => candidate.filters.has(name)) === wanted),
  )
  return [{ members: members!, filters }, ...groupsOf(others!)]
}

/**
 * Filters that both may have, and what part of the rows passes each, if it is known: a filter that none of
 * them has itself is implied by one that they share, or else is of no use.
 */
function commonFilters(a: Candidate, b: Candidate): ReadonlyMap<string, number> {
  const common = [...a.filters].flatMap(([name, { passing }]) => {
    const other = b.filters.get(name)
    const least = Math.min(passing, other?.passing ?? 1)
    return other === undefined || least === 1 ? [] : [[name, least] as const]
  })
  return new Map(common)
}

/** What stands in place of each member, by the id of its scan. */
function readersOf({ members, filters }: Group, planner: Planner): [number, PhysicalPlan][] {
  const [first] = members
  const predicate = first!.scan.filter
  const key = filterKey(first!.scan)
  const isCommon = members.every(({ scan }) => filterKey(scan) === key)
  const needed = new Set(members.flatMap(({ scan }) => columnsOf(scan, !isCommon)))
  const read = new Set([...needed, ...members.flatMap(({ scan }) => scan.request.columns)])
  const columns = first!.scan.request.schema.fields.map(({ name }) => name).filter((name) => read.has(name))
  const output = columns.filter((name) => needed.has(name))
  const kept = [...filters.values()].reduce((product, passing) => product * passing, first!.rowCount)
  const { partitions } = first!.scan
  const isSpread = kept > ROWS_PER_TASK && partitions.length > 1
  const partitionCount = planner.context.threads
  const distribution: Distribution = isSpread ? { kind: 'roundRobin', partitionCount } : { kind: 'single' }
  return members.map((member) => {
    const { scan } = member
    const fields = output.map((name) => fieldOf(scan, name))
    const whole: ScanExec = {
      ...scan,
      id: planner.nextId(),
      schema: { fields },
      partitions,
      request: { ...scan.request, columns },
      filter: isCommon && predicate !== null ? rebound(scan.filter!, scan, columns) : null,
      output: output.length === columns.length ? null : output.map((name) => columns.indexOf(name)),
      runtimeFilters: [...filters].map(([name, passing]): RuntimeFilter => {
        const own = member.filters.get(name)!
        return { ...own, passing, column: columns.indexOf(scan.request.columns[own.column]!) }
      }),
    }
    const schema = whole.schema
    const exchange = {
      kind: 'ExchangeExec',
      id: planner.nextId(),
      schema,
      input: whole,
      distribution,
    } as const
    return [scan.id, ownRows(scan, exchange, output, isCommon, planner)]
  })
}

/** The rows and columns of one of the scans, from the rows of all. */
function ownRows(
  scan: ScanExec,
  input: PhysicalPlan,
  columns: readonly string[],
  isFiltered: boolean,
  planner: Planner,
): PhysicalPlan {
  const filtered: PhysicalPlan =
    isFiltered || scan.filter === null
      ? input
      : {
          kind: 'FilterExec',
          id: planner.nextId(),
          schema: input.schema,
          input,
          predicate: rebound(scan.filter, scan, columns),
        }
  const exprs = scan.schema.fields.map((field, index): Expr => {
    const name = scan.request.columns[scan.output === null ? index : scan.output[index]!]!
    return { kind: 'column', index: columns.indexOf(name), name: field.name, type: field.type }
  })
  return { kind: 'ProjectExec', id: scan.id, schema: scan.schema, input: filtered, exprs }
}

function filterKey(scan: ScanExec): string {
  const { filter, request } = scan
  if (filter === null) return ''
  const named = transformExpr(filter, (part) =>
    part.kind === 'column' ? { ...part, index: 0, name: request.columns[part.index]! } : part,
  )
  return JSON.stringify(named, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value))
}

/** Names of the columns that a scan gives, and of those that its filter reads. */
function columnsOf({ filter, request, output }: ScanExec, withFilter: boolean): readonly string[] {
  const given = new Set(output ?? request.columns.keys())
  if (withFilter && filter !== null)
    someExpr(filter, (part) => {
      if (part.kind === 'column') given.add(part.index)
      return false
    })
  return [...given].map((index) => request.columns[index]!)
}

function fieldOf({ request }: ScanExec, name: string): Field {
  return request.schema.fields.find((field) => field.name === name)!
}

function rebound(filter: Expr, { request }: ScanExec, columns: readonly string[]): Expr {
  return transformExpr(filter, (part) =>
    part.kind === 'column' ? { ...part, index: columns.indexOf(request.columns[part.index]!) } : part,
  )
}

/**
 * The plan with other nodes in place of some scans, and tables that are marked by as many tasks as there are.
 */
function replaced(plan: PhysicalPlan, shared: ReadonlyMap<number, PhysicalPlan>): PhysicalPlan {
  if (plan.kind === 'ScanExec') return shared.get(plan.id) ?? plan
  const before = inputsOf(plan)
  const after = before.map((input) => replaced(input, shared))
  if (after.every((input, index) => input === before[index])) return plan
  const next = withInputs(plan, after)
  if (next.kind !== 'HashJoinExec') return next
  const [build, stream] = next.build === 'left' ? [next.left, next.right] : [next.right, next.left]
  if (build.kind !== 'JoinBuildExec' || build.markingTasks === 0) return next
  const table = { ...build, markingTasks: partitionCountOf(stream) }
  return next.build === 'left' ? { ...next, left: table } : { ...next, right: table }
}
