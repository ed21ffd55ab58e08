import { expect } from 'vitest'
import type { RecordBatch } from '../../../engine/batch/index.ts'
import type { Expr } from '../../../engine/expr/index.ts'
import type { MemoryPool } from '../../../engine/memory/index.ts'
import type { BuildSide } from '../../../engine/operators/build-side.ts'
import { hasTableForm, type JoinTable, type Operator, operators } from '../../../engine/operators/index.ts'
import type { TaskContext } from '../../../engine/operators/operator.ts'
import type {
  HashAggregateExec,
  HashJoinExec,
  JoinBuildExec,
  PhysicalPlan,
} from '../../../engine/plan/index.ts'
import { decimalType, types } from '../../../engine/types/index.ts'
import { RandomPlan } from './random-probes.ts'
import {
  aggregateCall,
  column,
  inputOf,
  leaf,
  rowsOf,
  runOperator,
  schemaFor,
  show,
  taskContext,
  testPool,
} from './run-operator.ts'

/** The tables of a plan, in the arena. */
async function buildTables({ tables, plan }: RandomPlan, pool: MemoryPool, random: () => number) {
  const built: BuildSide[] = []
  const held: { free(): void }[] = []
  for (const { node, types: rowTypes, rows } of tables) {
    const join = joinsOf(plan).find(({ left, right }) => left === node || right === node)!
    const buildNode: JoinBuildExec = {
      kind: 'JoinBuildExec',
      id: 1,
      schema: node.schema,
      input: leaf(rowTypes),
      keys: join.left === node ? join.leftKeys : join.rightKeys,
      nullSafe: join.nullSafe,
      keysOnly: join.joinType !== 'inner' && join.condition === null,
      markingTasks: 0,
      filtered: [],
    }
    const context: TaskContext = {
      ...taskContext(pool),
      leaveTable: (table, region) => {
        built.push(table)
        held.push(region)
      },
    }
    await runOperator(
      operators.JoinBuildExec,
      buildNode,
      [inputOf(pool, rowTypes, rows, 13, random)],
      context,
    )
  }
  return {
    built,
    free: () => {
      for (const region of held) region.free()
    },
  }
}

function joinsOf(plan: PhysicalPlan): HashJoinExec[] {
  if (plan.kind === 'HashJoinExec') {
    const stream = plan[plan.build === 'left' ? 'right' : 'left']
    return [plan, ...joinsOf(stream)]
  }
  return plan.kind === 'FilterExec' || plan.kind === 'ProjectExec' ? joinsOf(plan.input) : []
}

/** Each operator by itself. */
export function runEach(
  plan: PhysicalPlan,
  stream: AsyncIterable<RecordBatch>,
  context: TaskContext,
): AsyncIterable<RecordBatch> {
  if (plan.kind === 'ValuesExec') return stream
  const operator = operators[plan.kind] as Operator<PhysicalPlan>
  if (plan.kind !== 'HashJoinExec')
    return operator.execute(
      plan,
      [runEach((plan as { input: PhysicalPlan } & PhysicalPlan).input, stream, context)],
      context,
    )
  const none = inputOf(context.pool, [], [])
  const sides = (['left', 'right'] as const).map((side) =>
    side === plan.build ? none : runEach(plan[side], stream, context),
  )
  return operator.execute(plan, sides, context)
}

/** All rows as text, in order. */
export async function allRows(batches: AsyncIterable<RecordBatch>): Promise<string[]> {
  const rows: string[] = []
  for await (const batch of batches) rows.push(...rowsOf(batch).map(show))
  return rows
}

/** Counts, sums and extremes of all rows. */
export function totalOf(input: PhysicalPlan, random: () => number): HashAggregateExec {
  const numbers = input.schema.fields.flatMap(({ type }, index) => (type.kind === 'int32' ? [index] : []))
  const decimals = input.schema.fields.flatMap(({ type }, index) =>
    type.kind === 'decimal' && type.precision === 15 ? [index] : [],
  )
  const number = column(numbers[Math.floor(random() * numbers.length)]!, types.int32)
  const decimal = column(decimals[0]!, decimalType(15, 2))
  const limit: Expr = { kind: 'literal', value: 40, type: types.int32 }
  const texts = input.schema.fields.flatMap(({ type }, index) => (type.kind === 'string' ? [index] : []))
  const text: Expr = { kind: 'literal', value: 't2', type: types.string }
  const args = texts.length === 0 ? [number, limit] : [column(texts[0]!, types.string), text]
  const filter: Expr = { kind: 'call', name: '<', args, type: types.boolean }
  const product: Expr = { kind: 'call', name: '*', args: [decimal, decimal], type: decimalType(31, 4) }
  const calls = [
    aggregateCall('count', [], types.int64),
    aggregateCall('sum', [decimal], decimalType(25, 2)),
    aggregateCall('sum', [product], decimalType(38, 4), { filter }),
    aggregateCall('min', [number], types.int32),
    aggregateCall('max', [number], types.int32, { filter }),
  ]
  return {
    kind: 'HashAggregateExec',
    id: 99,
    schema: schemaFor(calls.map(({ type }) => type)),
    input,
    mode: 'complete',
    keys: [],
    calls,
  }
}

/** A random plan, its stream, and the tables that stand ready. */
export async function randomRound(random: () => number, makePlan: (plan: RandomPlan) => PhysicalPlan) {
  const pool = testPool()
  const made = new RandomPlan(random)
  const { built, free } = await buildTables(made, pool, random)
  const rowCount = random() < 0.1 ? 0 : Math.floor(random() * 300)
  const rows = Array.from({ length: rowCount }, () => made.values.map((value) => value(random)))
  // Else small batches are interpreted, which is the same step by step.
  const batchRows = random() < 0.7 ? 64 : undefined
  const plain = taskContext(pool)
  const settings = { ...plain.settings, ...(batchRows === undefined ? {} : { batchRows }) }
  const context: TaskContext = {
    ...plain,
    settings,
    evalContext: (region, rowOffset = 0) => ({ region, settings, partition: 0, rowOffset }),
    joinTable: (stageId) => built[stageId]!,
  }
  const tableOf = (stageId: number): JoinTable | null => {
    const table = built[stageId] as JoinTable
    return hasTableForm(table) ? table : null
  }
  const plan = makePlan(made)
  const stream = () => inputOf(pool, made.streamTypes, rows, 50, random)
  const want = await allRows(runEach(plan, stream(), context))
  const end = () => {
    free()
    expect(pool.usedBytes).toBe(0)
  }
  return { plan, context, tableOf, stream, want, end }
}
