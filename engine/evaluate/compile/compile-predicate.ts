import type { RecordBatch } from '../../batch/index.ts'
import type { Expr } from '../../expr/index.ts'
import { assembleModule, op, wasm } from '../../wasm/index.ts'
import { canFail } from '../can-fail.ts'
import type { Interpreter, SelectedRows } from '../eval-context.ts'
import { restrictRows } from '../rows.ts'
import { CompiledLoop } from './compiled-loop.ts'
import { type Emission, emitTruth } from './emit-expr.ts'
import { EmitError } from './emitted.ts'
import { planKey } from './expr-key.ts'
import { isSmall, planInputs } from './plan-inputs.ts'
import { RowCode } from './row-code.ts'

/** Below this many rows a function that is not yet compiled costs more than it saves. */
export const MIN_COMPILED_ROWS = 512

/** Unless the same has been asked so often: the code of a plan is kept. */
const OFTEN = 16

/** How often loops were asked for few rows, by what they compute. */
const asked = new Map<string, number>()
const MAX_ASKED = 4096

/** Whether compiling is worth while; tests with small batches compile everything. */
export function isWorthCompiling(loop: CompiledLoop, batch: RecordBatch, context: Interpreter): boolean {
  if (loop.isWarm || batch.rowCount >= MIN_COMPILED_ROWS || context.settings.batchRows !== undefined)
    return true
  const times = (asked.get(loop.key) ?? 0) + 1
  if (asked.size >= MAX_ASKED) asked.clear()
  asked.set(loop.key, times)
  return times > OFTEN
}

/** A predicate: what of it is compiled, and what is interpreted for the rows that are left. */
interface CompiledPredicate {
  /** All of it, with what has no form computed before, for all rows. */
  readonly whole: CompiledLoop | null
  /** The operands of AND that are compiled entirely, where there are others too. */
  readonly pure: CompiledLoop | null
  readonly rest: Expr | null
}

const predicates = new WeakMap<Expr, CompiledPredicate | null>()

/** The rows for which a predicate is TRUE; null if it has to be interpreted. */
export function selectCompiled(expr: Expr, batch: RecordBatch, context: Interpreter): SelectedRows | null {
  let compiled = predicates.get(expr)
  if (compiled === undefined) {
    compiled = compile(expr)
    predicates.set(expr, compiled)
  }
  if (compiled === null) return null
  const { whole, pure, rest } = compiled
  if (pure === null || rest === null) return whole && select(whole, batch, context)
  const selected = select(pure, batch, context)
  if (selected === null) return null
  const { indices, count } = selected
  if (count === 0) return selected
  // Few are left out: the rest is cheaper over all rows than over copies of those that are left.
  if (whole !== null && count > batch.rowCount >> 1) return select(whole, batch, context)
  const narrow = restrictRows(rest, batch, indices, count, context)
  const left = context.select(rest, narrow.batch, narrow.context)
  for (let i = 0; i < left.count; i++) left.indices[i] = indices[left.indices[i]!]!
  return left
}

/** Whether `selectCompiled` compiles any of it; for EXPLAIN. */
export function isCompiledPredicate(expr: Expr): boolean {
  const compiled = compile(expr)
  return compiled !== null && (compiled.whole !== null || compiled.pure !== null)
}

function compile(expr: Expr): CompiledPredicate | null {
  if (!isSmall(expr)) return null
  const operands = expr.kind === 'and' ? expr.operands : [expr]
  const pure: Expr[] = []
  const mixed: Expr[] = []
  for (const operand of operands) {
    const inputs = tryPlan([operand], [false])
    const isPure = inputs !== null && [...inputs.values()].every((input) => input.expr.kind === 'column')
    if (isPure) pure.push(operand)
    else mixed.push(operand)
  }
  const whole = loopOf(operands)
  // What may fail keeps its place: it sees the rows that those before it leave open, NULLs among them.
  if (mixed.length === 0 || pure.length === 0 || mixed.some(canFail))
    return whole && { whole, pure: null, rest: null }
  const rest: Expr =
    mixed.length === 1 ? mixed[0]! : { kind: 'and', operands: mixed, type: { kind: 'boolean' } }
  return { whole, pure: loopOf(pure), rest }
}

function tryPlan(operands: readonly Expr[], isLazy: readonly boolean[]) {
  try {
    return planInputs(operands.map((expr, index) => ({ expr, isLazy: isLazy[index]! })))
  } catch (error) {
    if (error instanceof EmitError) return null
    throw error
  }
}

/** The loop that selects the rows where all operands are TRUE. */
function loopOf(operands: readonly Expr[]): CompiledLoop | null {
  const inputs = tryPlan(
    operands,
    operands.map((_, index) => index > 0),
  )
  if (inputs === null) return null
  const key = `select ${operands.map(planKey).join('&')}`
  return new CompiledLoop(key, inputs, (shapes, slot) => emitSelect(operands, shapes, slot))
}

/** Slots behind the inputs: where row numbers go, and, as a number itself, how many there are. */
function emitSelect(operands: readonly Expr[], inputs: Emission['inputs'], slot: number): Uint8Array {
  const row = new RowCode(slot + 1, false)
  const { code } = row
  const emission: Emission = { row, inputs }
  const out = code.local(wasm.i32)
  code.get(row.pointer(slot)).set(out)
  const predicate: Expr =
    operands.length === 1 ? operands[0]! : { kind: 'and', operands, type: { kind: 'boolean' } }
  row.loop(
    -1,
    () => {
      const truth = emitTruth(predicate, true, emission)
      // Every row is written, and the next one over it unless it counts: no branch to be mispredicted.
      code.get(out).get(row.row).memory(op.i32Store, 2)
      code.get(out).get(truth).i32(2).emit(op.i32Shl, op.i32Add).set(out)
    },
    () => {
      code.get(0).get(out).get(row.pointer(slot)).emit(op.i32Sub).i32(2).emit(op.i32ShrU)
      code.memory(op.i32Store, 2, (slot + 1) * 4)
    },
  )
  return assembleModule(code, [wasm.i32])
}

function select(loop: CompiledLoop, batch: RecordBatch, context: Interpreter): SelectedRows | null {
  if (!isWorthCompiling(loop, batch, context)) return null
  const { region } = context
  let bound = loop.bind(batch, context)
  const indices = region.int32(batch.rowCount + 1)
  while (bound !== null) {
    const run = loop.runFor(bound, region.pool.memory)
    if (run === null) return null
    const table = loop.table(bound, [indices.byteOffset, 0], context)
    if (run(table.byteOffset, 0, batch.rowCount) === batch.rowCount)
      return { indices, count: table[loop.slotCount + 1]! }
    bound = loop.grow(bound)
  }
  loop.fail()
  return null
}
