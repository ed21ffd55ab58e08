import { afterAll, expect, test } from 'vitest'
import { type RecordBatch, vectorBuilder } from '../../../engine/batch/index.ts'
import { canCompile, compilePipeline, type Pipeline } from '../../../engine/evaluate/index.ts'
import type { Expr } from '../../../engine/expr/index.ts'
import { MemoryPool } from '../../../engine/memory/index.ts'
import { type DataType, types, type Value } from '../../../engine/types/index.ts'

const SEED = Number(process.env['SEED'] ?? 11)
const money: DataType = { kind: 'decimal', precision: 15, scale: 2 }
const product: DataType = { kind: 'decimal', precision: 31, scale: 4 }

/** Above 2 GiB, where addresses do not fit a signed int32. */
const pool = MemoryPool.create({ limitBytes: 64 << 20, startBytes: 2 ** 31, poison: true })
const region = pool.createRegion()
afterAll(() => {
  region.free()
  expect(pool.usedBytes).toBe(0)
})

const price: Expr = { kind: 'column', index: 0, name: 'price', type: money }
const discount: Expr = { kind: 'column', index: 1, name: 'discount', type: money }
const day: Expr = { kind: 'column', index: 2, name: 'day', type: types.date }

function compare(name: string, left: Expr, value: Value): Expr {
  const right: Expr = { kind: 'literal', value, type: left.type }
  return { kind: 'call', name, args: [left, right], type: types.boolean }
}

const pipeline: Pipeline = {
  predicate: {
    kind: 'and',
    operands: [compare('>=', day, -100), compare('<', day, 5000), compare('<=', discount, 7n)],
    type: { kind: 'boolean' },
  },
  calls: [
    {
      name: 'sum',
      args: [{ kind: 'call', name: '*', args: [price, discount], type: product }],
      distinct: false,
      filter: null,
      order: [],
      type: { kind: 'decimal', precision: 38, scale: 4 },
    },
    { name: 'count', args: [], distinct: false, filter: null, order: [], type: types.int64 },
  ],
}

type Row = readonly [price: bigint | null, discount: bigint, day: number]

function batchOf(rows: readonly Row[]): RecordBatch {
  const columns = [money, money, types.date].map((type, index) => {
    const builder = vectorBuilder(type, region, rows.length)
    for (const row of rows) builder.append(row[index]!)
    return builder.finish()
  })
  return { rowCount: rows.length, columns }
}

function run(rows: readonly Row[]) {
  const compiled = compilePipeline(pipeline, pool.memory)
  if (compiled === null) throw new Error('the pipeline is not compiled')
  return compiled(batchOf(rows), region)
}

test(`compilePipeline() adds what a loop adds, seed ${SEED}`, () => {
  let state = SEED
  const next = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  for (const rowCount of [0, 1, 2, 63, 64, 1000]) {
    const rows = Array.from({ length: rowCount }, (): Row => {
      return [BigInt(next(2 ** 31)) - 2n ** 30n, BigInt(next(11)), next(8000) - 2000]
    })
    const kept = rows.filter(([, off, at]) => at >= -100 && at < 5000 && off <= 7n)
    const sum = kept.reduce((total, [amount, off]) => total + amount! * off, 0n)
    const totals = run(rows)
    expect(totals?.rowCount).toBe(kept.length)
    if (rowCount > 0) expect(totals?.sums[0]).toBe(sum)
  }
})

test('compilePipeline() leaves to the interpreter what it was not made for', () => {
  expect(run([[null, 1n, 0]])).toBeNull()
  expect(run([[2n ** 31n, 1n, 0]])).toBeNull()
  expect(run([[2n ** 31n, 1n, 9999]])).toEqual({ sums: [0n, 0n], rowCount: 0 })
  const like: Pipeline = { ...pipeline, predicate: compare('like', { ...price, type: types.string }, 'a%') }
  expect(canCompile(like)).toBe(false)
  expect(canCompile(pipeline)).toBe(true)
})
