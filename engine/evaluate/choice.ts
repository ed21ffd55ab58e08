import {
  concat,
  type FlatVector,
  getBit,
  onesToIndices,
  type RecordBatch,
  take,
  type Vector,
  vectorBuilder,
} from '../batch/index.ts'
import type { CaseExpr, Expr } from '../expr/index.ts'
import { canFail } from './can-fail.ts'
import type { Interpreter } from './eval-context.ts'
import { restrictRows, truthBits } from './rows.ts'

/** Rows that no branch has taken yet. */
interface OpenRows {
  indices: Int32Array
  count: number
}

/** The values that branches give, and which of them each row takes. */
interface Collected {
  readonly parts: FlatVector[]
  readonly source: Int32Array
  total: number
}

/** CASE: the value of the first branch whose condition is TRUE. */
export function evaluateCase(expr: CaseExpr, batch: RecordBatch, context: Interpreter): Vector {
  const { region } = context
  const { rowCount } = batch
  const open = allRows(rowCount, context)
  const collected: Collected = { parts: [], source: region.int32(rowCount).fill(-1), total: 0 }
  for (const { when, then } of expr.branches) {
    if (open.count === 0) break
    const chosen = splitOpen(when, batch, open, context)
    if (chosen.count > 0) collect(then, batch, chosen, collected, context)
  }
  if (expr.otherwise !== null && open.count > 0) collect(expr.otherwise, batch, open, collected, context)
  return finish(collected, expr, rowCount, context)
}

/** coalesce: later arguments see only the rows where earlier ones are NULL. */
export function evaluateCoalesce(
  expr: Expr,
  args: readonly Expr[],
  batch: RecordBatch,
  context: Interpreter,
): Vector {
  const { region } = context
  const { rowCount } = batch
  const first = context.evaluate(args[0]!, batch, context)
  if (first.nullCount === 0) return first
  const open = allRows(rowCount, context)
  const collected: Collected = { parts: [], source: region.int32(rowCount).fill(-1), total: 0 }
  for (const arg of args) {
    if (open.count === 0) break
    const whole = arg === args[0] ? first : canFail(arg) ? undefined : context.evaluate(arg, batch, context)
    const values = whole ?? evaluateRows(arg, batch, open, context)
    let left = 0
    for (let i = 0; i < open.count; i++) {
      const row = open.indices[i]!
      const at = whole === undefined ? i : row
      if (values.validity !== null && !getBit(values.validity, at)) open.indices[left++] = row
      else collected.source[row] = collected.total + (values.encoding === 'constant' ? 0 : at)
    }
    open.count = left
    addPart(collected, values)
  }
  return finish(collected, expr, rowCount, context)
}

function allRows(rowCount: number, { region }: Interpreter): OpenRows {
  const indices = region.int32(rowCount)
  for (let i = 0; i < rowCount; i++) indices[i] = i
  return { indices, count: rowCount }
}

/** Takes the rows where `when` is TRUE out of the open ones, and gives them. */
function splitOpen(when: Expr, batch: RecordBatch, open: OpenRows, context: Interpreter): OpenRows {
  const { region } = context
  const chosen: OpenRows = { indices: region.int32(open.count), count: 0 }
  const isWhole = open.count === batch.rowCount || !canFail(when)
  const vector = isWhole ? context.evaluate(when, batch, context) : evaluateRows(when, batch, open, context)
  const { isTrue } = truthBits(vector, region)
  if (open.count === batch.rowCount) {
    chosen.count = onesToIndices(isTrue, batch.rowCount, chosen.indices)
    if (chosen.count === 0) return chosen
  }
  chosen.count = 0
  const left = region.int32(open.count)
  let leftCount = 0
  for (let i = 0; i < open.count; i++) {
    const row = open.indices[i]!
    if (getBit(isTrue, isWhole ? row : i)) chosen.indices[chosen.count++] = row
    else left[leftCount++] = row
  }
  open.indices = left
  open.count = leftCount
  return chosen
}

function collect(
  expr: Expr,
  batch: RecordBatch,
  rows: OpenRows,
  collected: Collected,
  context: Interpreter,
): void {
  const isWhole = rows.count === batch.rowCount || !canFail(expr)
  const values = isWhole ? context.evaluate(expr, batch, context) : evaluateRows(expr, batch, rows, context)
  const { source, total } = collected
  const { indices, count } = rows
  if (values.encoding === 'constant') for (let i = 0; i < count; i++) source[indices[i]!] = total
  else if (isWhole) for (let i = 0; i < count; i++) source[indices[i]!] = total + indices[i]!
  else for (let i = 0; i < count; i++) source[indices[i]!] = total + i
  addPart(collected, values)
}

function evaluateRows(expr: Expr, batch: RecordBatch, rows: OpenRows, context: Interpreter): Vector {
  const narrow = restrictRows(expr, batch, rows.indices, rows.count, context)
  return context.evaluate(expr, narrow.batch, narrow.context)
}

/** Dictionaries are joined as flat values by `concat`. */
function addPart(collected: Collected, values: Vector): void {
  const part = values.encoding === 'constant' ? values.value : (values as FlatVector)
  collected.parts.push(part)
  collected.total += part.length
}

function finish(collected: Collected, expr: Expr, rowCount: number, { region }: Interpreter): Vector {
  if (collected.parts.length === 0) {
    const builder = vectorBuilder(expr.type, region, rowCount)
    for (let row = 0; row < rowCount; row++) builder.append(null)
    return builder.finish()
  }
  return take(concat(collected.parts, region), collected.source, rowCount, region)
}
