import { expect, test } from 'vitest'
import { keepRows } from '../../../driver/session/cached-rows.ts'
import { splitStages, tablesReadBy, taskInputsOf } from '../../../driver/stages/index.ts'
import { valueReader } from '../../../engine/batch/index.ts'
import { inputsOf, type PhysicalPlan, partitionCountOf, planKey } from '../../../engine/plan/index.ts'
import { testCore } from '../local/test-core.ts'

const core = testCore()

async function stagesOf(query: string) {
  const plan = await core.runner.plan(await core.statement(query), core.settings())
  return splitStages(plan).stages
}

test('a plan without exchanges is one stage, and its rows are the result', async () => {
  const stages = await stagesOf('SELECT id + 1 FROM range(100) WHERE id > 5')
  expect(stages.map(({ id, inputs, output }) => ({ id, inputs, output }))).toEqual([
    { id: 0, inputs: [], output: null },
  ])
})

test('stages stand after those they read, and each is read once', async () => {
  const stages = await stagesOf(`SELECT a.k, count(*) FROM (SELECT id % 10 k FROM range(10000000)) a
    JOIN (SELECT id % 7 k, sum(id) s FROM range(10000000) GROUP BY 1) b ON a.k = b.k GROUP BY a.k ORDER BY 2`)
  expect(stages.length).toBeGreaterThan(2)
  expect(stages.at(-1)!.output).toBeNull()
  expect(stages.flatMap(({ inputs }) => inputs).sort()).toEqual(stages.slice(0, -1).map(({ id }) => id))
  for (const { id, inputs, plan, taskCount } of stages) {
    expect(inputs.every((input) => input < id)).toBe(true)
    const read = new Set(
      Array.from({ length: taskCount }, (_, p) => taskInputsOf(plan, p))
        .flat()
        .map((each) => each.stageId),
    )
    for (const table of tablesReadBy(plan)) read.add(table)
    expect([...read].sort()).toEqual([...inputs].sort())
  }
})

test('the plan of a stage may be cut again, also where its scan waits for a table', () => {
  const plan: PhysicalPlan = {
    ...scanOf(1, 2),
    runtimeFilters: [{ build: 0, stageId: 3, key: 0, column: 0, passing: 0.1 }],
  }
  expect(splitStages(plan).stages).toEqual([{ id: 0, plan, taskCount: 2, output: null, inputs: [] }])
})

test.each([
  ['equal branches share a stage', 'SELECT id % 5 k, sum(id) s FROM range(1000000) GROUP BY 1', true],
  ['other constants do not', 'SELECT id % 5 k, sum(id + r.id) s FROM range(1000000) GROUP BY 1', false],
  ['volatile functions do not', 'SELECT id % 5 k, sum(rand()) s FROM range(1000000) GROUP BY 1', false],
])('%s', async (_name, branch, isShared) => {
  const [first, second] = [branch.replace('+ r.id', '+ 1'), branch.replace('+ r.id', '+ 2')]
  const plan = await core.runner.plan(
    await core.statement(`SELECT * FROM (${first}) a JOIN (${second}) b ON a.k = b.k AND a.s >= b.s`),
    core.settings(),
  )
  const { stages, reusedExchanges } = splitStages(plan)
  expect(reusedExchanges.size > 0).toBe(isShared)
  expect(stages.filter(({ plan: { kind } }) => kind === 'HashAggregateExec').length > 1).toBe(!isShared)
})

test('cached rows are known by where they lie, not by their values', async () => {
  const kept = await keepRows(await core.statement('SELECT id, id % 5 k FROM range(200000)'), core)
  core.catalog.setView('kept', { kind: 'plan', plan: kept.plan })
  const branch = '(SELECT k, sum(id) s FROM kept GROUP BY 1)'
  const plan = await core.runner.plan(
    await core.statement(`SELECT * FROM ${branch} a JOIN ${branch} b ON a.k = b.k AND a.s >= b.s`),
    core.settings(),
  )
  expect(splitStages(plan).reusedExchanges.size).toBe(1)
  expect(planKey(plan, { kind: 'single' })!.length).toBeLessThan(20_000)
  kept.free()
})

test('splitStages() keeps rows under one key in one stage, and gives partition p what task p left', async () => {
  const forward = (id: number): PhysicalPlan => ({
    kind: 'ExchangeExec',
    id,
    schema: { fields: [] },
    input: scanOf(id + 1, 3),
    distribution: { kind: 'forward', partitionCount: 3 },
    keep: 'k1',
  })
  const { stages } = splitStages({
    kind: 'UnionExec',
    id: 0,
    schema: { fields: [] },
    inputs: [forward(1), forward(3)],
  })
  expect(stages.map(({ taskCount, keep, inputs }) => ({ taskCount, keep, inputs }))).toEqual([
    { taskCount: 3, keep: 'k1', inputs: [] },
    { taskCount: 6, keep: undefined, inputs: [0] },
  ])
})

test('a forward exchange moves no rows', async () => {
  const plan = await core.runner.plan(await core.statement('SELECT id FROM range(1000000)'), core.settings())
  const partitionCount = partitionCountOf(plan)
  expect(partitionCount).toBeGreaterThan(1)
  const distribution = { kind: 'forward', partitionCount } as const
  const exchange: PhysicalPlan = {
    kind: 'ExchangeExec',
    id: 99,
    schema: plan.schema,
    input: plan,
    distribution,
  }
  const job = core.jobs.run(splitStages(exchange), { settings: core.settings() })
  const ids: number[] = []
  for await (const { batch, release } of job.batches) {
    for (let row = 0; row < batch.rowCount; row++) ids.push(Number(valueReader(batch.columns[0]!)(row)))
    release()
  }
  expect(ids.length).toBe(1_000_000)
  expect(ids.every((id, index) => id === index)).toBe(true)
})

function scanOf(id: number, count: number): PhysicalPlan & { readonly kind: 'ScanExec' } {
  return {
    kind: 'ScanExec',
    id,
    schema: { fields: [] },
    source: 'memory',
    table: 't',
    request: { options: {}, schema: { fields: [] }, columns: [], predicates: [] },
    filter: null,
    output: null,
    partitions: Array.from({ length: count }, (_, data) => [{ sizeBytes: 1, data }]),
    notes: [],
    runtimeFilters: [],
  }
}

test('in a cluster the stage of a table reads the rows of another', async () => {
  const query = 'SELECT * FROM range(10000000) a JOIN range(3) b ON a.id = b.id'
  const plan = await core.runner.plan(await core.statement(query), core.settings())
  const tables = (stages: ReturnType<typeof splitStages>['stages']) =>
    stages.filter(({ output }) => output?.kind === 'table')
  const here = splitStages(plan).stages
  const there = splitStages(plan, { forCluster: true }).stages
  expect(tables(here).map(({ inputs }) => inputs)).toEqual([[]])
  expect(there.length).toBe(here.length + tables(here).length)
  for (const { plan, inputs } of tables(there)) {
    expect(inputsOf(plan).map(({ kind }) => kind)).toEqual(['ShuffleReadExec'])
    expect(there[inputs[0]!]!.output).toEqual({ kind: 'single' })
  }
})
