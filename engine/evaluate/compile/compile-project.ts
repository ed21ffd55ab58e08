import { allocateFixed, fixedVector, lanesOf, type RecordBatch, type Vector } from '../../batch/index.ts'
import type { Expr } from '../../expr/index.ts'
import type { Region } from '../../memory/index.ts'
import type { DataType } from '../../types/index.ts'
import { assembleModule, op, wasm } from '../../wasm/index.ts'
import { columnsOf } from '../can-fail.ts'
import type { Interpreter } from '../eval-context.ts'
import { isWorthCompiling } from './compile-predicate.ts'
import { CompiledLoop } from './compiled-loop.ts'
import { type Emission, emitExpr } from './emit-expr.ts'
import { EmitError, type Emitted } from './emitted.ts'
import { planKey } from './expr-key.ts'
import { hasForm } from './forms.ts'
import { isSmall, planInputs } from './plan-inputs.ts'
import { RowCode } from './row-code.ts'

/** What the function for some shapes of inputs gives: known once it was emitted. */
interface Output {
  readonly isNullable: boolean
  readonly lanes: 1 | 2
}

/** Expressions that one function computes: common parts once. */
interface CompiledProject {
  readonly loop: CompiledLoop
  readonly exprs: readonly Expr[]
}

const projects = new WeakMap<Expr, CompiledProject | null>()

/** Whether computing an expression has something to gain from code of its own. */
export function isCandidate(expr: Expr): boolean {
  return expr.kind !== 'column' && expr.kind !== 'literal' && hasForm(expr) && isSmall(expr)
}

/**
 * Whether a batch has rows to compute with: of constants one value is computed, of one dictionary its
 * entries.
 */
export function isByRow(expr: Expr, batch: RecordBatch): boolean {
  const changing = [...columnsOf(expr)]
    .map((index) => batch.columns[index]!)
    .filter(({ encoding }) => encoding !== 'constant')
  const [only] = changing
  if (only === undefined) return false
  return !(changing.length === 1 && only.encoding === 'dictionary' && only.dictionary.length < batch.rowCount)
}

/**
 * Values of candidates for all rows; null if they have to be interpreted, undefined if they cannot be
 * compiled.
 */
export function evaluateCompiled(
  exprs: readonly Expr[],
  batch: RecordBatch,
  context: Interpreter,
): readonly Vector[] | null | undefined {
  return run(exprs, batch, context)
}

/** Whether an expression is compiled when it is projected; for EXPLAIN. */
export function isCompiledExpr(expr: Expr): boolean {
  return isCandidate(expr) && compile([expr]) !== null
}

function run(
  exprs: readonly Expr[],
  batch: RecordBatch,
  context: Interpreter,
): readonly Vector[] | null | undefined {
  // Projections of one operator are always asked for together, so that the first stands for all.
  const first = exprs[0]!
  let compiled = projects.get(first)
  if (compiled === undefined || (compiled !== null && !isSame(compiled.exprs, exprs))) {
    compiled = compile(exprs)
    projects.set(first, compiled)
  }
  return compiled === null ? undefined : project(compiled, batch, context)
}

function isSame(a: readonly Expr[], b: readonly Expr[]): boolean {
  return a.length === b.length && a.every((expr, index) => expr === b[index])
}

function compile(exprs: readonly Expr[]): CompiledProject | null {
  try {
    const inputs = planInputs(exprs.map((expr) => ({ expr, isLazy: false })))
    const key = `project ${exprs.map(planKey).join(';')}`
    return { loop: new CompiledLoop(key, inputs, (shapes, slot) => emitProject(exprs, shapes, slot)), exprs }
  } catch (error) {
    if (error instanceof EmitError) return null
    throw error
  }
}

/**
 * Slots behind the inputs, for each expression: values, validity; then whether it has a validity, and its
 * lanes, which the function itself tells.
 */
const SLOTS_PER_OUTPUT = 4

function emitProject(exprs: readonly Expr[], inputs: Emission['inputs'], slot: number): Uint8Array {
  const row = new RowCode(slot + exprs.length * SLOTS_PER_OUTPUT, false)
  const { code } = row
  const emission: Emission = { row, inputs }
  const outputs: Output[] = []
  row.loop(
    -1,
    () => {
      const values = exprs.map((expr) => emitExpr(expr, emission))
      values.forEach((value, index) => {
        const first = slot + index * SLOTS_PER_OUTPUT
        const { type } = exprs[index]!
        store(value, type, first, row)
        if (value.valid !== null) storeBit(value.valid, first + 1, row)
        outputs.push({ isNullable: value.valid !== null, lanes: value.kind === 'wide' ? 2 : 1 })
      })
    },
    () => {
      outputs.forEach(({ isNullable, lanes }, index) => {
        const at = (slot + index * SLOTS_PER_OUTPUT + 2) * 4
        code
          .get(0)
          .i32(isNullable ? 1 : 0)
          .memory(op.i32Store, 2, at)
        code
          .get(0)
          .i32(lanes)
          .memory(op.i32Store, 2, at + 4)
      })
    },
  )
  return assembleModule(code, [wasm.i32])
}

const STORES: Readonly<Record<string, readonly [opcode: number, log2: number]>> = {
  int8: [op.i64Store8, 0],
  int16: [op.i64Store16, 1],
  int32: [op.i64Store32, 2],
  date: [op.i64Store32, 2],
  interval_ym: [op.i64Store32, 2],
}

/** Writes the value of the row. Two lanes are written whenever the value is not proven to need one. */
function store(value: Emitted, type: DataType, slot: number, row: RowCode): void {
  const { code } = row
  const pointer = row.pointer(slot)
  if (value.kind === 'bool') storeBit(value.local, slot, row)
  else if (value.kind === 'float') {
    if (type.kind === 'float32')
      row.at(pointer, row.row, 2).get(value.local).emit(op.f32DemoteF64).memory(op.f32Store, 2)
    else row.at(pointer, row.row, 3).get(value.local).memory(op.f64Store, 3)
  } else if (value.kind === 'wide') {
    if (lanesOf(type) === 1) throw new EmitError('128 bits of a type of 64')
    row.at(pointer, row.row, 4).get(value.low).memory(op.i64Store, 3)
    row.at(pointer, row.row, 4).get(value.high).memory(op.i64Store, 3, 8)
  } else {
    const [opcode, log2] = STORES[type.kind] ?? [op.i64Store, 3]
    row.at(pointer, row.row, log2)
    row.push(value)
    code.memory(opcode, log2)
  }
}

/** Writes the row's bit: the byte is begun anew at every eighth row, and written as far as it is known. */
function storeBit(bit: number, slot: number, row: RowCode): void {
  const { code } = row
  const byte = code.local(wasm.i32)
  code.get(byte).i32(0).get(row.row).i32(7).emit(op.i32And, op.select)
  code.get(bit).get(row.row).i32(7).emit(op.i32And, op.i32Shl, op.i32Or).set(byte)
  code.get(row.pointer(slot)).get(row.row).i32(3).emit(op.i32ShrU, op.i32Add)
  code.get(byte).memory(op.i32Store8, 0)
}

function project(
  compiled: CompiledProject,
  batch: RecordBatch,
  context: Interpreter,
): readonly Vector[] | null {
  const { loop, exprs } = compiled
  if (!isWorthCompiling(loop, batch, context)) return null
  const { region } = context
  let bound = loop.bind(batch, context)
  while (bound !== null) {
    const run = loop.runFor(bound, region.pool.memory)
    if (run === null) return null
    const outputs = exprs.map(({ type }) => allocate(type, batch.rowCount, region))
    const others = outputs.flatMap(({ values, validity }) => [values.byteOffset, validity.byteOffset, 0, 0])
    const table = loop.table(bound, others, context)
    if (run(table.byteOffset, 0, batch.rowCount) === batch.rowCount)
      return outputs.map(({ values, validity }, index) => {
        const at = loop.slotCount + index * SLOTS_PER_OUTPUT + 2
        const lanes = table[at + 1] === 2 ? 2 : 1
        const { type } = exprs[index]!
        const used = lanes === 1 && type.kind === 'decimal' ? values.subarray(0, batch.rowCount) : values
        return fixedVector(type, batch.rowCount, used, table[at] === 1 ? validity : null, lanes)
      })
    bound = loop.grow(bound)
  }
  loop.fail()
  return null
}

function allocate(type: DataType, rowCount: number, region: Region) {
  const values = allocateFixed(type, rowCount, region, lanesOf(type))
  return { values, validity: region.uint8((rowCount + 7) >> 3) }
}
