import type { FixedVector, RecordBatch } from '../batch/index.ts'
import type { AggregateCall, Expr } from '../expr/index.ts'
import type { Region } from '../memory/index.ts'
import type { DataType } from '../types/index.ts'
import { assembleModule, cachedRun, FunctionEmitter, op, type WasmRun, wasm } from '../wasm/index.ts'
import { type Emission, EmitError, emitCondition, emitValue } from './emit-expression.ts'

/** Bytes of the state of one call: 128-bit sum, then the count of rows. */
const CALL_BYTES = 24

/** A filter and ungrouped sums and counts over its rows: what can become one function. */
export interface Pipeline {
  readonly predicate: Expr | null
  readonly calls: readonly AggregateCall[]
}

/** What a batch adds to the calls: exact sums, and how many rows passed the filter. */
export interface BatchTotals {
  readonly sums: readonly bigint[]
  readonly rowCount: number
}

/** Runs a compiled pipeline on a batch; null when the batch is not of the form that was compiled for. */
export type CompiledPipeline = (batch: RecordBatch, region: Region) => BatchTotals | null

/**
 * Compiles filter → sum and count into one WebAssembly function: one pass, no intermediate columns. It takes
 * comparisons joined by AND and sums of products over integers, dates and decimals, in batches without NULLs
 * whose values (of products: factors) are within 32 bits. null if the pipeline holds anything else; the
 * interpreter then serves.
 *
 * ```
 * run(rowCount, state, column₀, column₁ …) → 0, or 1 if a value left the range
 * state: call₀ low, high, rows | call₁ …
 * ```
 */
export function compilePipeline(pipeline: Pipeline, memory: WebAssembly.Memory): CompiledPipeline | null {
  const columns = columnsOf(pipeline)
  const run = cachedRun(JSON.stringify([pipeline, columns], bigintText), memory, () =>
    emitPipeline(pipeline, columns),
  )
  return run === null ? null : (batch, region) => runBatch(pipeline, columns, run, batch, region)
}

/** Whether `compilePipeline` would compile it; for EXPLAIN. */
export function canCompile(pipeline: Pipeline): boolean {
  return emitPipeline(pipeline, columnsOf(pipeline)) !== null
}

function bigintText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value
}

/** Columns by index that the expressions read, in order of index. */
function columnsOf({ predicate, calls }: Pipeline): readonly number[] {
  const found = new Set<number>()
  const visit = (expr: Expr): void => {
    if (expr.kind === 'column') found.add(expr.index)
    if (expr.kind === 'call') expr.args.forEach(visit)
    if (expr.kind === 'cast') visit(expr.input)
    if (expr.kind === 'and') expr.operands.forEach(visit)
  }
  if (predicate !== null) visit(predicate)
  for (const { args } of calls) args.forEach(visit)
  return [...found].sort((a, b) => a - b)
}

function emitPipeline(pipeline: Pipeline, columns: readonly number[]): Uint8Array | null {
  if (!pipeline.calls.every(isCompilableCall)) return null
  try {
    return emitFunction(pipeline, columns)
  } catch (error) {
    if (error instanceof EmitError) return null
    throw error
  }
}

function isCompilableCall(call: AggregateCall): boolean {
  if (call.distinct || call.filter !== null || call.order.length > 0) return false
  return call.name === 'count' ? call.args.length === 0 : call.name === 'sum' && isExact(call.args[0]!.type)
}

function isExact(type: DataType): boolean {
  return type.kind === 'decimal' || type.kind === 'int64' || type.kind === 'int32'
}

function emitFunction({ predicate, calls }: Pipeline, columns: readonly number[]): Uint8Array {
  const code = new FunctionEmitter([wasm.i32, wasm.i32, ...columns.map(() => wasm.i32)])
  const [rowCount, state] = [0, 1]
  const row = code.local(wasm.i32)
  const passed = code.local(wasm.i64)
  const value = code.local(wasm.i64)
  const sums = calls.map(() => ({ low: code.local(wasm.i64), high: code.local(wasm.i64) }))
  const emission: Emission = { code, row, pointers: new Map(columns.map((index, at) => [index, 2 + at])) }
  code.get(rowCount).emit(op.i32Eqz).if().i32(0).emit(op.return).end()
  code.loop()
  const again = code.label
  code.block()
  if (predicate !== null)
    for (const condition of predicate.kind === 'and' ? predicate.operands : [predicate]) {
      emitCondition(condition, emission)
      code.emit(op.i32Eqz).brIf(code.label)
    }
  code.get(passed).i64(1n).emit(op.i64Add).set(passed)
  calls.forEach(({ args }, index) => {
    if (args.length === 0) return
    emitValue(args[0]!, emission)
    code.set(value)
    emitAdd(code, value, sums[index]!)
  })
  code.end()
  code.get(row).i32(1).emit(op.i32Add).tee(row).get(rowCount).emit(op.i32LtS).brIf(again).end()
  sums.forEach(({ low, high }, index) => {
    const words = [low, high, passed]
    words.forEach((local, word) => {
      code
        .get(state)
        .get(local)
        .memory(op.i64Store, 3, index * CALL_BYTES + word * 8)
    })
  })
  code.i32(0)
  return assembleModule(code, [wasm.i32])
}

/** (high, low) += value, as 128 bits: low wraps, and its carry and the value's sign go into high. */
function emitAdd(code: FunctionEmitter, value: number, { low, high }: { low: number; high: number }): void {
  code.get(low).get(value).emit(op.i64Add).set(low)
  code.get(high).get(value).i64(63n).emit(op.i64ShrS, op.i64Add)
  code.get(low).get(value).emit(op.i64LtU, op.i64ExtendI32U, op.i64Add).set(high)
}

function runBatch(
  { calls }: Pipeline,
  columns: readonly number[],
  run: WasmRun,
  batch: RecordBatch,
  region: Region,
): BatchTotals | null {
  const pointers: number[] = []
  for (const index of columns) {
    const vector = batch.columns[index]!
    if (vector.encoding !== 'fixed' || vector.validity !== null || vector.lanes !== 1) return null
    pointers.push((vector as FixedVector).values.byteOffset)
  }
  const words = region.int64(calls.length * 3)
  if (run(batch.rowCount, words.byteOffset, ...pointers) !== 0) return null
  const sums = calls.map((_, index) => (words[index * 3 + 1]! << 64n) + BigInt.asUintN(64, words[index * 3]!))
  return { sums, rowCount: batch.rowCount === 0 ? 0 : Number(words[2]!) }
}
