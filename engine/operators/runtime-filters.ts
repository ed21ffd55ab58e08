import type { RecordBatch } from '../batch/index.ts'
import { assert } from '../errors.ts'
import type { Region } from '../memory/index.ts'
import type { RuntimeFilter, ScanExec } from '../plan/index.ts'
import { applyJoinFilter, type JoinFilter } from './join-filter.ts'
import type { TaskContext } from './operator.ts'

/** Rows tested before a filter that lets nearly all pass is given up, and what is nearly all. */
const TRIAL_ROWS = 100_000
const NEARLY_ALL = 0.9

interface Tester {
  readonly filter: JoinFilter
  /** Which column of the batches is tested. */
  readonly column: number
  tested: number
  passed: number
}

/** The tests of a scan's rows by keys of joins above it, as one task applies them. */
export class RuntimeFilters {
  readonly #node: ScanExec
  readonly #context: TaskContext
  #testers: readonly Tester[]

  /** `columnAt`: where in the batches given to `select` a column of the request stands. */
  constructor(node: ScanExec, context: TaskContext, columnAt: (column: number) => number) {
    this.#node = node
    this.#context = context
    this.#testers = node.runtimeFilters.map((filter) => ({
      filter: filterOf(filter, context),
      column: columnAt(filter.column),
      tested: 0,
      passed: 0,
    }))
  }

  /**
   * Those of `rows` (null: all of [0, count)) that pass every filter, into `out`, in order; gives their
   * number. `out` may be `rows`.
   */
  select(
    batch: RecordBatch,
    rows: Int32Array | null,
    count: number,
    out: Int32Array,
    scratch: Region,
  ): number {
    let from = rows
    let left = count
    for (const tester of this.#testers) {
      const passed = applyJoinFilter(tester.filter, batch.columns[tester.column]!, from, left, out, scratch)
      tester.tested += left
      tester.passed += passed
      left = passed
      from = out
    }
    if (from === null) for (let row = 0; row < count; row++) out[row] = row
    this.#context.count(this.#node.id, 'rowsFiltered', count - left)
    this.#testers = this.#testers.filter(isWorthwhile)
    return left
  }
}

function filterOf({ stageId, key }: RuntimeFilter, context: TaskContext): JoinFilter {
  assert(stageId !== null, 'a scan runs in a stage')
  const filter = context.joinTable(stageId).filters.get(key)
  assert(filter !== undefined, `the table of stage ${stageId} has no filter of key ${key}`)
  return filter
}

function isWorthwhile({ tested, passed }: Tester): boolean {
  return tested < TRIAL_ROWS || passed < tested * NEARLY_ALL
}
