import { afterAll, beforeAll, expect } from 'vitest'
import { type RecordBatch, readValue, type Vector, vectorBuilder } from '../../../engine/batch/index.ts'
import { type EvalContext, evaluate } from '../../../engine/evaluate/index.ts'
import type { CallExpr, Expr } from '../../../engine/expr/index.ts'
import { lookupScalar, type QuerySettings } from '../../../engine/functions/index.ts'
import { MemoryPool, type Region } from '../../../engine/memory/index.ts'
import { type DataType, types, typesEqual, type Value } from '../../../engine/types/index.ts'

export const settings: QuerySettings = { timeZone: 'UTC', nowMicros: 1_700_000_000_000_000n, randomSeed: 42 }

let pool: MemoryPool
let region: Region

/** Makes a pool for the tests of the file, and checks that all of it comes back. */
export function usePool(): void {
  beforeAll(() => {
    pool = MemoryPool.create({ limitBytes: 256 << 20, poison: true })
    region = pool.createRegion()
  })
  afterAll(() => {
    region.free()
    expect(pool.usedBytes).toBe(0)
  })
}

export function testContext(timeZone = 'UTC'): EvalContext {
  return { region, settings: { ...settings, timeZone }, partition: 0, rowOffset: 0 }
}

export function vectorOf(type: DataType, values: readonly Value[]): Vector {
  const builder = vectorBuilder(type, region, values.length)
  for (const value of values) builder.append(value)
  return builder.finish()
}

export function valuesOf(vector: Vector): Value[] {
  return Array.from({ length: vector.length }, (_, row) => readValue(vector, row))
}

export function column(index: number, type: DataType): Expr {
  return { kind: 'column', index, name: `c${index}`, type }
}

export function literal(type: DataType, value: Value): Expr {
  return { kind: 'literal', type, value }
}

export function cast(input: Expr, type: DataType, safe = false): Expr {
  return { kind: 'cast', input, type, safe }
}

/** A call with its arguments cast to what the function asks for, as the analyzer does. */
export function call(name: string, ...args: readonly Expr[]): CallExpr {
  const entry = lookupScalar(name)
  if (entry === undefined) throw new Error(`no function ${name}`)
  const literals = args.map((arg) => (arg.kind === 'literal' ? arg.value : undefined))
  const found = entry.resolve(
    args.map(({ type }) => type),
    literals,
  )
  const converted = args.map((arg, index) => {
    const wanted = found.args[index]!
    return typesEqual(arg.type, wanted) ? arg : cast(arg, wanted)
  })
  return { kind: 'call', name, args: converted, type: found.returns }
}

export function run(expr: Expr, columns: readonly Vector[], timeZone = 'UTC'): Value[] {
  const batch: RecordBatch = { rowCount: columns[0]?.length ?? 1, columns }
  const result = evaluate(expr, batch, testContext(timeZone))
  expect(result.length).toBe(batch.rowCount)
  return valuesOf(result)
}

/** The value of a function over literals. */
export function value(name: string, ...args: readonly (readonly [DataType, Value])[]): Value {
  return run(call(name, ...args.map(([type, item]) => literal(type, item))), [])[0]!
}

export const int = (item: number | null) => [types.int32, item] as const
export const long = (item: bigint | null) => [types.int64, item] as const
export const double = (item: number | null) => [types.float64, item] as const
export const text = (item: string | null) => [types.string, item] as const
export const date = (item: string | null) =>
  [types.date, item === null ? null : Date.parse(item) / 86_400_000] as const
export const ts = (item: string | null) =>
  [types.timestamp, item === null ? null : BigInt(Date.parse(`${item}Z`)) * 1000n] as const
export const decimal = (precision: number, scale: number, item: bigint | null) =>
  [{ kind: 'decimal', precision, scale } as DataType, item] as const
export const bool = (item: boolean | null) => [types.boolean, item] as const

/** A text of arguments for the name of a test. */
export function show(args: readonly (readonly [DataType, Value])[]): string {
  return args
    .map(([type, item]) => `${item === null ? 'NULL' : JSON.stringify(item, bigints)} ${type.kind}`)
    .join(', ')
}

function bigints(_key: string, item: unknown): unknown {
  return typeof item === 'bigint' ? `${item}n` : item
}
