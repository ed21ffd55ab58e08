import { isFixedWidth, type RecordBatch } from '../batch/index.ts'
import type { FilterStep } from '../connect/index.ts'
import { canFail, columnsOf, evaluatePredicate, isSteady } from '../evaluate/index.ts'
import { type Expr, transformExpr } from '../expr/index.ts'
import type { Region } from '../memory/index.ts'
import type { ScanExec } from '../plan/index.ts'
import type { TaskContext } from './operator.ts'

/** Until rows are tested, a step counts as if half of so many had passed. */
const ASSUMED_ROWS = 1000

/** A step that knows what it costs and what it is good for. */
export abstract class RankedStep implements FilterStep {
  abstract readonly columns: readonly string[]
  abstract readonly isByValue: boolean
  /** What a row costs, in some unit. */
  abstract readonly cost: number
  /** Rows that were tested, and those of them that passed. */
  protected tested = 0
  protected passed = 0

  abstract select(batch: RecordBatch, out: Int32Array): number

  note(tested: number, passed: number): void {
    this.tested += tested
    this.passed += passed
  }

  /** Cost for each row that is left out; lower is better. */
  get rank(): number {
    const share = (this.passed + ASSUMED_ROWS / 2) / (this.tested + ASSUMED_ROWS)
    return this.cost / (1.001 - share)
  }
}

/** What it costs to read a value of a column and to look at it. */
export function costOfColumn({ request }: ScanExec, name: string): number {
  const field = request.schema.fields.find((candidate) => candidate.name === name)
  return field !== undefined && isFixedWidth(field.type) ? 1 : 3
}

/**
 * The operands of a scan's predicate by the columns that they read. One step if it matters in which order
 * they are evaluated: where one may fail, or is not the same each time.
 */
export function predicateSteps(
  predicate: Expr,
  node: ScanExec,
  context: TaskContext,
  region: Region,
): readonly RankedStep[] {
  const isFree = isSteady(predicate) && !canFail(predicate)
  const groups = new Map<string, Expr[]>()
  for (const operand of isFree && predicate.kind === 'and' ? predicate.operands : [predicate]) {
    const key = [...columnsOf(operand)].sort((a, b) => a - b).join()
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [operand])
    else group.push(operand)
  }
  return [...groups.values()].map((group) => {
    const [first, ...others] = group
    const whole: Expr =
      others.length === 0 ? first! : { kind: 'and', operands: group, type: { kind: 'boolean' } }
    return new PredicateStep(whole, isFree, node, context, region)
  })
}

/** Conditions on the same columns. */
class PredicateStep extends RankedStep {
  readonly columns: readonly string[]
  readonly isByValue: boolean
  readonly cost: number
  readonly #predicate: Expr
  readonly #context: TaskContext
  readonly #region: Region

  /** `predicate` is over the scan's columns by index. Scratch lies in `region`. */
  constructor(predicate: Expr, isByValue: boolean, node: ScanExec, context: TaskContext, region: Region) {
    super()
    const used = [...columnsOf(predicate)]
    this.columns = used.map((index) => node.request.columns[index]!)
    this.isByValue = isByValue
    this.cost = this.columns.reduce((sum, name) => sum + costOfColumn(node, name), 0)
    this.#predicate = over(predicate, used)
    this.#context = context
    this.#region = region
  }

  select(batch: RecordBatch, out: Int32Array): number {
    this.#region.reset()
    const { indices, count } = evaluatePredicate(
      this.#predicate,
      batch,
      this.#context.evalContext(this.#region),
    )
    out.set(indices.subarray(0, count))
    return count
  }
}

/** An expression over a batch that has the columns `used` only. */
export function over(expr: Expr, used: readonly number[]): Expr {
  return transformExpr(expr, (part) =>
    part.kind === 'column' ? { ...part, index: used.indexOf(part.index) } : part,
  )
}
