import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { LocalRunner } from '../../../driver/local/index.ts'
import { Session } from '../../../driver/session.ts'
import { checkJobGraph, splitStages } from '../../../driver/stages/index.ts'
import { EngineError } from '../../../engine/errors.ts'
import type { PhysicalPlan } from '../../../engine/plan/index.ts'
import { decodePlain, encodePlain, PLAN_LIMITS } from '../../../proto/messages/index.ts'
import { optimize } from '../../../sql/optimizer/index.ts'
import { planQuery } from '../../../sql/planner/index.ts'
import { filesBelow } from '../../slt/find-files.ts'
import { parseSlt } from '../../slt/slt-file.ts'
import { analyzed, tpchQuery } from '../../sql/optimizer/tpch-catalog.ts'
import { fakeContext, settings } from '../../sql/planner/plan-fixtures.ts'

const SQL = join(import.meta.dirname, '../../sql')
const FILES = filesBelow(SQL, '.slt').filter(
  (file) => process.env['MILLRACE_TEST_FULL'] === '1' || /\/(queries|windows|nested|tables)\//.test(file),
)

describe('checkJobGraph() accepts', () => {
  let session: Session
  let folder: string
  beforeAll(() => {
    const run = LocalRunner.prototype.run
    vi.spyOn(LocalRunner.prototype, 'run').mockImplementation(function (this: LocalRunner, graph, request) {
      return run.call(this, checkJobGraph(graph), request)
    })
    folder = mkdtempSync(join(tmpdir(), 'millrace-check-'))
    session = new Session({ master: 'local[2]', memory: '512m', timeZone: 'UTC', warehouse: folder })
  })
  afterAll(async () => {
    await session.stop()
    vi.restoreAllMocks()
    rmSync(folder, { recursive: true, force: true })
  })

  test.each(FILES.map((file) => file.slice(SQL.length + 1)))('the jobs of %s', async (file) => {
    const errors: string[] = []
    for (const { sql } of parseSlt(readFileSync(join(SQL, file), 'utf8').replaceAll('$FOLDER', folder)))
      try {
        await session.sql(sql).collect()
      } catch (error) {
        if (error instanceof EngineError && error.code === 'PROTOCOL_ERROR')
          errors.push(`${sql}: ${error.message}`)
      }
    expect(errors).toEqual([])
  })

  test.each(Array.from({ length: 22 }, (_, index) => index + 1))(
    'TPC-H Q%i, after a journey',
    async (number) => {
      const graph = splitStages(await planOf(tpchQuery(number)), { forCluster: true })
      const arrived = decodePlain(encodePlain(graph), PLAN_LIMITS)
      expect(checkJobGraph(arrived)).toStrictEqual(graph)
    },
  )
})

async function planOf(query: string): Promise<PhysicalPlan> {
  const plan = optimize(await analyzed(query), settings)
  return await planQuery(plan, fakeContext({ threads: 4, shufflePartitions: 4 }))
}

/** A graph as plain data that may be changed. */
type Loose = { [key: string]: Loose } & Loose[]

const QUERY = `
  SELECT n_name, sum(o_totalprice * 2) AS total
  FROM orders, customer, nation
  WHERE o_custkey = c_custkey AND c_nationkey = n_nationkey AND o_clerk <> 'x'
  GROUP BY n_name ORDER BY total DESC LIMIT 5`

describe('checkJobGraph() finds', () => {
  const found = (graph: Loose, test: (value: Loose) => boolean): Loose => {
    const open: Loose[] = [graph]
    for (let value = open.pop(); value !== undefined; value = open.pop()) {
      if (test(value)) return value
      for (const each of Object.values(value)) if (typeof each === 'object' && each !== null) open.push(each)
    }
    throw new Error('the graph has nothing of that kind')
  }
  const node = (graph: Loose, kind: string): Loose =>
    found(graph, (value) => (value['kind'] as unknown) === kind)
  const set = (value: Loose, members: object) => {
    Object.assign(value, members)
  }
  const FAULTS: readonly (readonly [string, (graph: Loose) => void, message: string | RegExp])[] = [
    ['no stages', (g) => set(g, { stages: [] }), 'stages: 0 stages'],
    ['a missing list', (g) => set(g, { stages: null }), 'stages: null where a list belongs'],
    [
      'a list instead of a set',
      (g) => set(g, { reusedExchanges: [] }),
      'reusedExchanges: a list where a set belongs',
    ],
    ['a stage with another id', (g) => set(g['stages']![1]!, { id: 7 }), 'stages[1]: id 7 of stage 1'],
    ['a stage that reads itself', (g) => set(g['stages']![0]!, { inputs: [0] }), 'stages[0]: reads stage 0'],
    [
      'an input that is left out',
      (g) => set(g['stages']!.at(-1)!, { inputs: [] }),
      /which is none of its inputs/,
    ],
    [
      'a wrong number of tasks',
      (g) => set(g['stages']![0]!, { taskCount: 1000 }),
      'stages[0]: 1000 tasks for',
    ],
    [
      'more tasks than there may be',
      (g) => set(g['stages']![0]!, { taskCount: 1e9 }),
      'taskCount: 1000000000 is not from 0',
    ],
    [
      'two results',
      (g) => set(g['stages']![0]!, { output: null }),
      'stages[0]: a stage before the last gives the result',
    ],
    [
      'a storage of nobody',
      (g) => set(g['stages']![0]!, { storage: 'tape' }),
      'stages[0].storage: "tape" is none of',
    ],
    [
      'an unknown node',
      (g) => set(g['stages']![0]!['plan']!, { kind: 'DropExec' }),
      'stages[0].plan: unknown kind "DropExec"',
    ],
    [
      'a kind of the prototype',
      (g) => set(g['stages']![0]!['plan']!, { kind: 'constructor' }),
      'unknown kind "constructor"',
    ],
    ['an unknown expression', (g) => set(node(g, 'call'), { kind: 'eval' }), /: unknown kind "eval"/],
    ['an unknown type', (g) => set(node(g, 'column'), { type: { kind: 'money' } }), /\.type: not a type/],
    [
      'a column that is not there',
      (g) => set(node(g, 'column'), { index: 99 }),
      /index: column 99 of an input with \d+ columns/,
    ],
    ['a column before the first', (g) => set(node(g, 'column'), { index: -1 }), /index: -1 is not from 0/],
    ['half a column', (g) => set(node(g, 'column'), { index: 0.5 }), /index: 0.5 where an integer belongs/],
    [
      'a literal of another type',
      (g) => set(node(g, 'literal'), { value: new Uint8Array(1) }),
      /value: an object is no value of type/,
    ],
    [
      'an expression that is missing',
      (g) => set(node(g, 'ProjectExec'), { exprs: [null] }),
      /exprs\[0\]: null where an object belongs/,
    ],
    ['too few expressions', (g) => set(node(g, 'ProjectExec'), { exprs: [] }), /exprs: 0 for \d+ columns/],
    [
      'a schema that is missing',
      (g) => set(node(g, 'ScanExec'), { schema: undefined }),
      /schema: nothing where an object belongs/,
    ],
    [
      'options that are no texts',
      (g) => set(node(g, 'ScanExec')['request']!, { options: { path: 5 } }),
      /request\.options\.path: 5 where a text/,
    ],
    [
      'a join type of nobody',
      (g) => set(node(g, 'HashJoinExec'), { joinType: 'outer' }),
      /joinType: "outer" is none of inner/,
    ],
    ['a table within a stage', (g) => set(node(g, 'TableReadExec'), { stageId: 999 }), /reads stage 999/],
    [
      'a hash without keys',
      (g) => set(node(g, 'hash'), { keys: null }),
      /output\.keys: null where a list belongs/,
    ],
  ]

  test.each(FAULTS)('%s', async (_name, plant, message) => {
    const graph = decodePlain(
      encodePlain(splitStages(await planOf(QUERY), { forCluster: true })),
      PLAN_LIMITS,
    )
    checkJobGraph(graph)
    plant(graph as Loose) // Any plain data may be seen as such.
    const error = failureOf(() => checkJobGraph(graph))
    expect(error.code).toBe('PROTOCOL_ERROR')
    expect(error.message).toMatch(message)
  })

  test('a plan that is too deep, or in itself', async () => {
    const graph = decodePlain(encodePlain(splitStages(await planOf(QUERY))), PLAN_LIMITS) as Loose
    const call = node(graph, 'call')
    set(call, { args: [call] })
    expect(failureOf(() => checkJobGraph(graph)).message).toContain('nested deeper than 1000 levels')
  })

  test.each([undefined, null, 5, 'graph', [], new Map()])('%s instead of a graph', (value) => {
    expect(failureOf(() => checkJobGraph(value)).code).toBe('PROTOCOL_ERROR')
  })

  test('every member of every kind, when it is gone or something else', async () => {
    for (let number = 1; number <= 22; number++) {
      const bytes = encodePlain(splitStages(await planOf(tpchQuery(number)), { forCluster: true }))
      const paths = membersOf(decodePlain(bytes, PLAN_LIMITS) as Loose)
      for (const path of paths) {
        const graph = decodePlain(bytes, PLAN_LIMITS) as Loose
        const at = path.slice(0, -1).reduce<Loose>((value, key) => value[key]!, graph)
        set(at, { [path.at(-1)!]: Symbol.iterator })
        expect(failureOf(() => checkJobGraph(graph), path.join('.')).code).toBe('PROTOCOL_ERROR')
      }
    }
  }, 120_000)
})

/** Paths of the members that a check must look at, one for each kind of object they are in. */
function membersOf(graph: Loose): string[][] {
  const seen = new Map<string, string[]>()
  const visit = (value: Loose, path: readonly string[]) => {
    for (const [key, each] of Object.entries(value)) {
      if (key === 'data' || key === 'program') continue // Connectors and user code look at theirs.
      const name = `${String(value['kind'])}.${path.at(-1)?.replace(/\d+/, 'n')}.${key.replace(/\d+/, 'n')}`
      if (!seen.has(name)) seen.set(name, [...path, key])
      if (typeof each === 'object' && each !== null && !(each instanceof Uint8Array))
        visit(each, [...path, key])
    }
  }
  visit(graph, [])
  return [...seen.values()]
}

function failureOf(work: () => unknown, label = ''): EngineError {
  try {
    work()
  } catch (error) {
    if (error instanceof EngineError) return error
    throw error
  }
  throw new Error(`there was no error ${label}`)
}
