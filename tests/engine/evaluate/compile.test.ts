import { afterAll, expect, test } from 'vitest'
import { getBit, type RecordBatch, readValue, type Vector } from '../../../engine/batch/index.ts'
import {
  type EvalContext,
  evaluate,
  evaluateAll,
  evaluateInterpreted,
  evaluatePredicate,
  isCompiledExpr,
  isCompiledPredicate,
} from '../../../engine/evaluate/index.ts'
import type { Expr } from '../../../engine/expr/index.ts'
import { formatExpr } from '../../../engine/expr/index.ts'
import { MemoryPool } from '../../../engine/memory/index.ts'
import { randomFrom } from '../kernels/twins/random.ts'
import { COLUMN_TYPES, randomExpr, randomVector } from './random-expr.ts'

const SEED = Number(process.env['SEED'] ?? 1)
const ROUNDS = process.env['MILLRACE_TEST_FULL'] === '1' ? 4000 : 120

/** Above 2 GiB, where addresses do not fit a signed int32. */
const pool = MemoryPool.create({ limitBytes: 64 << 20, startBytes: 2 ** 31, poison: true })
const region = pool.createRegion()
afterAll(() => {
  region.free()
  expect(pool.usedBytes).toBe(0)
})

/** With `batchRows` all is compiled, however few the rows are. */
const context: EvalContext = {
  region,
  settings: { timeZone: 'UTC', nowMicros: 0n, randomSeed: 1, batchRows: 3 },
  partition: 0,
  rowOffset: 0,
}

/** The values, or the error, as text. */
function outcome(compute: () => Vector): string {
  try {
    const vector = compute()
    return Array.from({ length: vector.length }, (_, row) => show(readValue(vector, row))).join(' ')
  } catch (error) {
    return `${(error as { code?: string }).code}: ${(error as Error).message}`
  }
}

function show(value: unknown): string {
  return Object.is(value, -0) ? '-0' : String(value)
}

function batchOf(rowCount: number, random: () => number): RecordBatch {
  return { rowCount, columns: COLUMN_TYPES.map((type) => randomVector(type, rowCount, region, random)) }
}

test(`compiled expressions give what the interpreter gives, seed ${SEED}`, () => {
  let compiledCount = 0
  for (let round = 0; round < ROUNDS; round++) {
    const random = randomFrom(SEED * 100_003 + round)
    region.reset()
    const form = random() < 0.4 ? 'bool' : 'number'
    const expr = randomExpr(form, 1 + Math.floor(random() * 4), random)
    if (isCompiledExpr(expr)) compiledCount++
    // The second batch meets code that was made for the first.
    for (const rowCount of [1, 3, 67, 700]) {
      const batch = batchOf(rowCount, random)
      const label = `seed ${SEED} round ${round}, ${rowCount} rows: ${formatExpr(expr)}`
      const expected = outcome(() => evaluateInterpreted(expr, batch, context))
      expect(
        outcome(() => evaluate(expr, batch, context)),
        label,
      ).toBe(expected)
    }
  }
  expect(compiledCount).toBeGreaterThan(ROUNDS / 2)
})

test(`compiled predicates select what the interpreter selects, seed ${SEED}`, () => {
  let compiledCount = 0
  for (let round = 0; round < ROUNDS; round++) {
    const random = randomFrom(SEED * 200_003 + round)
    region.reset()
    const operands = Array.from({ length: 1 + Math.floor(random() * 3) }, () => randomExpr('bool', 2, random))
    const expr: Expr =
      operands.length === 1 ? operands[0]! : { kind: 'and', operands, type: { kind: 'boolean' } }
    if (isCompiledPredicate(expr)) compiledCount++
    for (const rowCount of [1, 3, 67, 700]) {
      const batch = batchOf(rowCount, random)
      const label = `seed ${SEED} round ${round}, ${rowCount} rows: ${formatExpr(expr)}`
      const expected = outcome(() => selectedBy(evaluateInterpreted(expr, batch, context)))
      expect(
        outcome(() => selection(expr, batch)),
        label,
      ).toBe(expected)
    }
  }
  expect(compiledCount).toBeGreaterThan(ROUNDS / 2)
})

/** Row numbers as a vector of int32. */
function numbers(rows: readonly number[]): Vector {
  const values = Int32Array.from(rows)
  const type = { kind: 'int32' } as const
  return { encoding: 'fixed', type, length: rows.length, nullCount: 0, validity: null, values, lanes: 1 }
}

function selectedBy(condition: Vector): Vector {
  const rows: number[] = []
  for (let row = 0; row < condition.length; row++) if (readValue(condition, row) === true) rows.push(row)
  return numbers(rows)
}

function selection(expr: Expr, batch: RecordBatch): Vector {
  const { indices, count } = evaluatePredicate(expr, batch, context)
  return numbers([...indices.subarray(0, count)])
}

test(`several expressions at once give what each gives alone, seed ${SEED}`, () => {
  for (let round = 0; round < ROUNDS / 5; round++) {
    const random = randomFrom(SEED * 300_007 + round)
    region.reset()
    const exprs = Array.from({ length: 4 }, () => randomExpr('number', 2, random))
    const batch = batchOf(65, random)
    const label = `seed ${SEED} round ${round}: ${exprs.map(formatExpr).join('; ')}`
    const expected = exprs.map((expr) => outcome(() => evaluateInterpreted(expr, batch, context)))
    const failing = expected.find((text) => /^[A-Z_]+: /.test(text))
    if (failing !== undefined) {
      expect(
        outcome(() => evaluateAll(exprs, batch, context)[0]!),
        label,
      ).toMatch(/^[A-Z_]+: /)
      continue
    }
    const vectors = evaluateAll(exprs, batch, context)
    expect(
      vectors.map((vector) => outcome(() => vector)),
      label,
    ).toEqual(expected)
    for (const { validity, nullCount, length } of vectors) {
      expect(validity === null).toBe(nullCount === 0)
      const ones = Array.from({ length }, (_, row) => validity === null || getBit(validity, row))
      expect(ones.filter((isValid) => !isValid).length).toBe(nullCount)
    }
  }
})
