import type { RecordBatch, Vector } from '../batch/index.ts'
import { assert } from '../errors.ts'
import type { Region } from '../memory/index.ts'
import type { RuntimeFilter, ScanExec } from '../plan/index.ts'
import { costOfColumn, RankedStep } from './filter-steps.ts'
import { applyJoinFilter, type JoinFilter } from './join-filter.ts'
import type { TaskContext } from './operator.ts'

/** Rows tested before a filter that lets nearly all pass is given up, and what is nearly all. */
const TRIAL_ROWS = 100_000
const NEARLY_ALL = 0.9

/** The test of a scan's rows by a key of a join above it, as one task applies it. */
export class KeyStep extends RankedStep {
  readonly columns: readonly string[]
  readonly isByValue = true
  readonly cost: number
  /** Which column of the request is tested. */
  readonly column: number
  readonly #filter: JoinFilter
  readonly #node: ScanExec
  readonly #context: TaskContext
  readonly #region: Region

  /** Scratch lies in `region`. */
  constructor(filter: JoinFilter, column: number, node: ScanExec, context: TaskContext, region: Region) {
    super()
    const name = node.request.columns[column]!
    this.column = column
    this.columns = [name]
    // Keys lie anywhere in the filter's memory.
    this.cost = costOfColumn(node, name) + 1
    this.#filter = filter
    this.#node = node
    this.#context = context
    this.#region = region
  }

  /** Whether it leaves out enough rows to go on with it. */
  get isWorthwhile(): boolean {
    return this.tested < TRIAL_ROWS || this.passed < this.tested * NEARLY_ALL
  }

  select({ rowCount, columns }: RecordBatch, out: Int32Array): number {
    this.#region.reset()
    return this.test(columns[0]!, null, rowCount, out)
  }

  /**
   * Those of `rows` (null: all of [0, count)) that pass, into `out`, in order; gives their number. `out` may
   * be `rows`.
   */
  test(column: Vector, rows: Int32Array | null, count: number, out: Int32Array): number {
    return applyJoinFilter(this.#filter, column, rows, count, out, this.#region)
  }

  override note(tested: number, passed: number): void {
    super.note(tested, passed)
    this.#context.count(this.#node.id, 'rowsFiltered', tested - passed)
  }
}

/** The steps of a scan's runtime filters. A table that had to go to disk has none. */
export function keySteps(node: ScanExec, context: TaskContext, region: Region): KeyStep[] {
  return node.runtimeFilters.flatMap((from) => {
    const filter = filterOf(from, context)
    return filter === null ? [] : [new KeyStep(filter, from.column, node, context, region)]
  })
}

function filterOf({ stageId, key }: RuntimeFilter, context: TaskContext): JoinFilter | null {
  assert(stageId !== null, 'a scan runs in a stage')
  const side = context.joinTable(stageId)
  if (side.kind === 'parted') return null
  const filter = side.filters.get(key)
  assert(filter !== undefined, `the table of stage ${stageId} has no filter of key ${key}`)
  return filter
}
