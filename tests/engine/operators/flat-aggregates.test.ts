import { afterAll, expect, test } from 'vitest'
import { type RecordBatch, takeBatch, type Vector } from '../../../engine/batch/index.ts'
import type { EvalContext } from '../../../engine/evaluate/index.ts'
import { type AggregateCall, formatAggregate } from '../../../engine/expr/index.ts'
import { MemoryPool, type Region } from '../../../engine/memory/index.ts'
import { AggregateStates } from '../../../engine/operators/aggregate-states.ts'
import { GroupedAggregate } from '../../../engine/operators/grouped-aggregate.ts'
import type { TaskContext } from '../../../engine/operators/operator.ts'
import { COLUMN_TYPES, randomVector } from '../evaluate/random-expr.ts'
import { randomFrom } from '../kernels/twins/random.ts'
import { randomCall } from './random-call.ts'
import { rowsOf, show, taskContext } from './run-operator.ts'

const SEED = Number(process.env['SEED'] ?? 1)
const ROUNDS = process.env['MILLRACE_TEST_FULL'] === '1' ? 3000 : 120
const GROUPS = 5
const ERROR_CODE = /^[A-Z_]+$/

/** Above 2 GiB, where addresses do not fit a signed int32. */
const pool = MemoryPool.create({ limitBytes: 64 << 20, startBytes: 2 ** 31, poison: true })
/** Regions of states, which end with the round, as they do with a task. */
const regions: Region[] = []
const context: TaskContext = {
  ...taskContext(pool),
  createRegion() {
    const region = pool.createRegion()
    regions.push(region)
    return region
  },
}
afterAll(() => expect(pool.usedBytes).toBe(0))

/** What the accumulators alone give, which the interpreter feeds. */
function expectedColumns(
  calls: readonly AggregateCall[],
  batches: readonly Added[],
  evalContext: EvalContext,
): readonly Vector[] {
  const { region } = evalContext
  return calls.map((call) => {
    const aggregate = new GroupedAggregate(call, region, context)
    aggregate.resize(GROUPS)
    for (const { batch, selection, count, groups } of batches) {
      const taken = selection === null ? batch : takeBatch(batch, selection, count, region)
      if (count > 0) aggregate.update(taken, groups ?? region.int32(count).fill(0), evalContext)
    }
    return aggregate.finish(0, GROUPS, region)
  })
}

interface Added {
  readonly batch: RecordBatch
  readonly selection: Int32Array | null
  readonly count: number
  readonly groups: Int32Array | null
}

function outcome(compute: () => readonly Vector[]): string {
  try {
    const columns = compute()
    return rowsOf({ rowCount: GROUPS, columns }).map(show).join('\n')
  } catch (error) {
    return `${(error as { code?: string }).code}`
  }
}

test(`flat aggregates give what accumulators give, seed ${SEED}`, () => {
  let right = 0
  for (let round = 0; round < ROUNDS; round++) {
    const random = randomFrom(SEED * 400_009 + round)
    const region = pool.createRegion()
    const evalContext = context.evalContext(region)
    const calls = Array.from({ length: 1 + Math.floor(random() * 4) }, () => randomCall(random))
    const isGrouped = random() < 0.7
    const batches = Array.from({ length: 4 }, (): Added => {
      const rowCount = [0, 1, 3, 70, 300][Math.floor(random() * 5)]!
      const columns = COLUMN_TYPES.map((type) => randomVector(type, rowCount, region, random))
      const rows = Array.from({ length: rowCount }, (_, row) => row).filter(() => random() < 0.6)
      const isSelected = random() < 0.5
      const selection = isSelected ? region.int32(rows.length) : null
      selection?.set(rows)
      const count = isSelected ? rows.length : rowCount
      const groups = isGrouped ? region.int32(count) : null
      for (let i = 0; groups !== null && i < count; i++) groups[i] = Math.floor(random() * (GROUPS - 1))
      return { batch: { rowCount, columns }, selection, count, groups }
    })
    const label = `seed ${SEED} round ${round}: ${calls.map(formatAggregate).join('; ')}`
    const expected = outcome(() => expectedColumns(calls, batches, evalContext))
    const direct = outcome(() => {
      const states = new AggregateStates(calls, 'complete', 0, region, context)
      states.resize(GROUPS)
      for (const { batch, ...rows } of batches) states.add(batch, rows, evalContext)
      return states.columns(0, GROUPS, region)
    })
    // Where several fail, each with an error of its own, which comes first depends on the order of the work.
    const alone = (call: AggregateCall): string =>
      outcome(() => expectedColumns([call], batches, evalContext))
    if (ERROR_CODE.test(expected)) expect(calls.map(alone), label).toContain(direct)
    else expect(direct, label).toBe(expected)
    const merged = outcome(() => mergedColumns(calls, batches, evalContext))
    // One sum may overflow its type where parts of it do not, and doubles add up in another order.
    const isExact = calls.every(
      ({ name, type }) => !name.startsWith('try_') && type.kind !== 'float64' && type.kind !== 'float32',
    )
    if (isExact && !ERROR_CODE.test(merged)) expect(merged, label).toBe(expected)
    if (!ERROR_CODE.test(expected)) right++
    for (const each of [region, ...regions.splice(0)]) each.free()
  }
  expect(right).toBeGreaterThan(ROUNDS / 3)
})

/** Every batch by itself, and then the partial states together. */
function mergedColumns(
  calls: readonly AggregateCall[],
  batches: readonly Added[],
  evalContext: EvalContext,
): readonly Vector[] {
  const { region } = evalContext
  const final = new AggregateStates(calls, 'final', 0, region, context)
  final.resize(GROUPS)
  const groups = region.int32(GROUPS)
  for (let group = 0; group < GROUPS; group++) groups[group] = group
  for (const { batch, ...rows } of batches) {
    const partial = new AggregateStates(calls, 'partial', 0, region, context)
    partial.resize(GROUPS)
    partial.add(batch, rows, evalContext)
    partial.finishInput(region)
    const columns = partial.columns(0, GROUPS, region)
    final.add({ rowCount: GROUPS, columns }, { selection: null, count: GROUPS, groups }, evalContext)
  }
  return final.columns(0, GROUPS, region)
}
