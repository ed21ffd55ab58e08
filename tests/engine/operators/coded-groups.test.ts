import { afterAll, expect, test } from 'vitest'
import {
  dictionaryVector,
  type FlatVector,
  type RecordBatch,
  takeBatch,
  type Vector,
  vectorBuilder,
} from '../../../engine/batch/index.ts'
import { type EvalContext, evaluateInterpreted } from '../../../engine/evaluate/index.ts'
import { type Expr, formatAggregate, formatExpr } from '../../../engine/expr/index.ts'
import { MemoryPool, type Region } from '../../../engine/memory/index.ts'
import { GroupedAggregate } from '../../../engine/operators/grouped-aggregate.ts'
import { runAggregate } from '../../../engine/operators/hash-aggregate.ts'
import { type DataType, types } from '../../../engine/types/index.ts'
import { COLUMN_TYPES, randomExpr, randomVector } from '../evaluate/random-expr.ts'
import { randomFrom } from '../kernels/twins/random.ts'
import { randomCall } from './random-call.ts'
import {
  aggregateCall,
  column,
  leaf,
  rowsOf,
  schemaFor,
  show,
  showRows,
  taskContext,
} from './run-operator.ts'

const SEED = Number(process.env['SEED'] ?? 1)
const ROUNDS = process.env['MILLRACE_TEST_FULL'] === '1' ? 2000 : 100

/** Above 2 GiB, where addresses do not fit a signed int32. */
const pool = MemoryPool.create({ limitBytes: 128 << 20, startBytes: 2 ** 31, poison: true })
const context = taskContext(pool)
afterAll(() => expect(pool.usedBytes).toBe(0))

const DISTINCT = aggregateCall('count', [column(0, COLUMN_TYPES[0]!)], types.int64, { distinct: true })

/** A column of codes over one dictionary for several batches; entries may come twice. */
function keyColumns(
  type: DataType,
  sizes: readonly number[],
  region: Region,
  random: () => number,
): Vector[] {
  const entries = vectorBuilder(type, region)
  const count = 1 + Math.floor(random() * 6)
  for (let i = 0; i < count; i++) {
    const value = Math.floor(random() * 4)
    entries.append(type.kind === 'string' ? `key ${value}` : value)
  }
  const dictionary = entries.finish() as FlatVector
  const nullRate = random() < 0.5 ? 0 : 0.3
  return sizes.map((size) => {
    const codes = region.int32(size).fill(0)
    const validity = region.bitmap(size, true)
    for (let row = 0; row < size; row++)
      if (random() < nullRate) validity[row >> 3]! &= ~(1 << (row & 7))
      else codes[row] = Math.floor(random() * count)
    return dictionaryVector(size, codes, dictionary, validity)
  })
}

/** Groups as a Map does, predicates as the interpreter does, states as accumulators do. */
function expectedRows(
  batches: readonly RecordBatch[],
  keyIndices: readonly number[],
  aggregates: readonly GroupedAggregate[],
  predicate: Expr | null,
  evalContext: EvalContext,
): string[] {
  const { region } = evalContext
  const known = new Map<string, number>()
  const keys: unknown[][] = []
  for (const batch of batches) {
    const truth =
      predicate && rowsOf({ ...batch, columns: [evaluateInterpreted(predicate, batch, evalContext)] })
    const rows = Array.from({ length: batch.rowCount }, (_, row) => row).filter(
      (row) => truth === null || truth[row]![0] === true,
    )
    const values = rowsOf({
      rowCount: batch.rowCount,
      columns: keyIndices.map((index) => batch.columns[index]!),
    })
    const groups = region.int32(rows.length)
    groups.set(
      rows.map((row) => {
        const key = show(values[row])
        if (!known.has(key)) {
          known.set(key, keys.length)
          keys.push([...values[row]!])
        }
        return known.get(key)!
      }),
    )
    for (const aggregate of aggregates) aggregate.resize(keys.length)
    const indices = region.int32(rows.length)
    indices.set(rows)
    if (rows.length === 0) continue
    const taken = takeBatch(batch, indices, rows.length, region)
    for (const aggregate of aggregates) aggregate.update(taken, groups, evalContext)
  }
  const results = aggregates.map((aggregate) => aggregate.finish(0, keys.length, region))
  const rows = rowsOf({ rowCount: keys.length, columns: results })
  return rows.map((row, group) => show([...keys[group]!, ...row])).sort()
}

async function outcome(compute: () => string[] | Promise<string[]>): Promise<string> {
  try {
    return (await compute()).join('\n')
  } catch (error) {
    return `${(error as { code?: string }).code}`
  }
}

test(`groups of dictionary keys are those of their values, seed ${SEED}`, async () => {
  let right = 0
  for (let round = 0; round < ROUNDS; round++) {
    const random = randomFrom(SEED * 300_007 + round)
    const region = pool.createRegion()
    const evalContext = context.evalContext(region)
    const predicate = random() < 0.6 ? randomExpr('bool', 1, random) : null
    const calls = Array.from({ length: 1 + Math.floor(random() * 3) }, () => randomCall(random))
    // One that is not flat, so that groups are found before states are changed.
    if (random() < 0.4) calls.push(DISTINCT)
    const keyTypes = [types.string, types.int32].slice(0, 1 + Math.floor(random() * 2))
    const batches: RecordBatch[] = []
    for (let rowGroup = 0; rowGroup < 2; rowGroup++) {
      const sizes = Array.from({ length: 3 }, () => [1, 5, 70, 300][Math.floor(random() * 4)]!)
      const keys = keyTypes.map((type) => keyColumns(type, sizes, region, random))
      for (const [at, rowCount] of sizes.entries()) {
        const columns = COLUMN_TYPES.map((type) => randomVector(type, rowCount, region, random))
        batches.push({ rowCount, columns: [...columns, ...keys.map((column) => column[at]!)] })
      }
    }
    const indices = keyTypes.map((_, index) => COLUMN_TYPES.length + index)
    const label = `seed ${SEED} round ${round}: ${calls.map(formatAggregate).join('; ')} where ${
      predicate && formatExpr(predicate)
    }`
    const plain = calls.map((call) => new GroupedAggregate(call, region, context))
    const expected = await outcome(() => expectedRows(batches, indices, plain, predicate, evalContext))
    for (const aggregate of plain) aggregate.free()
    const node = {
      kind: 'HashAggregateExec' as const,
      id: 1,
      schema: schemaFor([]),
      input: leaf([...COLUMN_TYPES, ...keyTypes]),
      mode: 'complete' as const,
      keys: keyTypes.map((type, index) => column(indices[index]!, type)),
      calls,
    }
    const got = await outcome(async () => {
      const rows = []
      for await (const batch of runAggregate(node, predicate, inTurn(batches), context))
        rows.push(...rowsOf(batch))
      return showRows(rows)
    })
    expect(got, label).toBe(expected)
    if (!/^[A-Z_]+$/.test(expected)) right++
    region.free()
  }
  expect(right).toBeGreaterThan(ROUNDS / 3)
})

async function* inTurn(batches: readonly RecordBatch[]): AsyncIterable<RecordBatch> {
  for (const batch of batches) yield batch
}
