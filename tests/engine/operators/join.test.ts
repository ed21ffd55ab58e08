import { describe, expect, test } from 'vitest'
import type { Expr } from '../../../engine/expr/index.ts'
import { nestedLoopJoin } from '../../../engine/operators/nested-loop-join.ts'
import type { JoinType } from '../../../engine/plan/index.ts'
import { type DataType, types, type Value } from '../../../engine/types/index.ts'
import { KEY_TYPES, randomValue } from './random-values.ts'
import { condition, JOIN_TYPES, joinNode, runAlone, runShared } from './run-join.ts'
import {
  inputOf,
  leaf,
  type Row,
  randomFrom,
  runOperator,
  schemaFor,
  show,
  showRows,
  taskContext,
  testPool,
} from './run-operator.ts'

type Meets = (left: Row, right: Row) => boolean

/** The join as its definition says. */
function naiveJoin(
  joinType: JoinType,
  left: readonly Row[],
  right: readonly Row[],
  width: number,
  meets: Meets,
): Row[] {
  const rows: Row[] = []
  const matchedRight = new Set<Row>()
  const none: Value[] = Array.from({ length: width }, () => null)
  for (const l of left) {
    const found = right.filter((r) => meets(l, r))
    for (const r of found) matchedRight.add(r)
    const isPair = ['inner', 'left', 'right', 'full'].includes(joinType)
    if (isPair) rows.push(...found.map((r) => [...l, ...r]))
    if ((joinType === 'left' || joinType === 'full') && found.length === 0) rows.push([...l, ...none])
    if (joinType === 'semi' && found.length > 0) rows.push(l)
    if (joinType === 'anti' && found.length === 0) rows.push(l)
    if (joinType === 'existence') rows.push([...l, found.length > 0])
  }
  if (joinType === 'right' || joinType === 'full')
    for (const r of right) if (!matchedRight.has(r)) rows.push([...none, ...r])
  return rows
}

function rowsFor(keyTypes: readonly DataType[], count: number, random: () => number): Row[] {
  return Array.from({ length: count }, () => [
    ...keyTypes.map((type) => randomValue(type, random)),
    Math.floor(random() * 10),
  ])
}

async function runHashJoin(
  joinType: JoinType,
  build: 'left' | 'right',
  keyTypes: readonly DataType[],
  [left, right]: readonly [readonly Row[], readonly Row[]],
  nullSafe: readonly boolean[],
  residual: Expr | null,
  random: () => number,
): Promise<Row[]> {
  const pool = testPool()
  const node = joinNode(joinType, build, keyTypes, nullSafe, residual)
  const run = random() < 0.5 ? runAlone : runShared
  const got = await run(node, left, right, pool, random)
  expect(pool.usedBytes).toBe(0)
  return got
}

describe('hashJoin', () => {
  for (const joinType of JOIN_TYPES)
    for (const build of ['left', 'right'] as const)
      test(`${joinType} join, table of the ${build} side, gives what pairwise comparison gives`, async () => {
        const seed = Math.floor(Math.random() * 1e9)
        const random = randomFrom(seed)
        for (let round = 0; round < 40; round++) {
          const keyTypes = Array.from(
            { length: 1 + (round % 3) },
            () => KEY_TYPES[Math.floor(random() * KEY_TYPES.length)]!,
          )
          const nullSafe = keyTypes.map(() => random() > 0.6)
          const width = keyTypes.length + 1
          const residual = random() > 0.5 ? condition(keyTypes.length, 2 * width - 1) : null
          const left = rowsFor(keyTypes, Math.floor(random() * 60), random)
          const right = rowsFor(keyTypes, Math.floor(random() * 60), random)
          const meets: Meets = (l, r) =>
            keyTypes.every((_, i) => (l[i] !== null || nullSafe[i]!) && show(l[i]) === show(r[i])) &&
            (residual === null || (l[width - 1] as number) < (r[width - 1] as number))
          const got = await runHashJoin(joinType, build, keyTypes, [left, right], nullSafe, residual, random)
          const label = `seed ${seed} round ${round} ${keyTypes.map(({ kind }) => kind)}`
          expect(showRows(got), label).toEqual(showRows(naiveJoin(joinType, left, right, width, meets)))
        }
      })

  test('gives many matches in pieces', async () => {
    const left: Row[] = Array.from({ length: 700 }, (_, i) => [i % 2, i])
    const right: Row[] = Array.from({ length: 800 }, (_, i) => [i % 2, i])
    const got = await runHashJoin('inner', 'right', [types.int32], [left, right], [false], null, () => 0)
    expect(got.length).toBe(280_000)
    expect(new Set(got.map((row) => `${row[1]},${row[3]}`)).size).toBe(280_000)
  })

  for (const [name, left, right, expected] of [
    ['no NULLs', [1, 2, 3], [2], [1, 3]],
    ['NULL on the left', [1, null], [2], [1]],
    ['NULL on the right', [1, 2], [2, null], []],
    ['empty right', [1, null], [], [1, null]],
    ['empty left', [], [1, null], []],
    ['NULL on both', [null], [null], []],
  ] as const)
    test(`nullAwareAnti is NOT IN: ${name}`, async () => {
      const toRows = (values: readonly (number | null)[]): Row[] => values.map((value) => [value, 0])
      const got = await runHashJoin(
        'nullAwareAnti',
        'right',
        [types.int32],
        [toRows(left), toRows(right)],
        [false],
        null,
        () => 0,
      )
      expect(showRows(got)).toEqual(showRows(toRows(expected)))
    })
})

describe('nestedLoopJoin', () => {
  for (const joinType of JOIN_TYPES)
    test(`${joinType} join gives what pairwise comparison gives`, async () => {
      const seed = Math.floor(Math.random() * 1e9)
      const random = randomFrom(seed)
      for (let round = 0; round < 20; round++) {
        const pool = testPool()
        const residual = round % 3 === 0 ? null : condition(0, 1)
        const left = rowsFor([], Math.floor(random() * 40), random)
        const right = rowsFor([], Math.floor(random() * 40), random)
        const got = await runOperator(
          nestedLoopJoin,
          {
            kind: 'NestedLoopJoinExec',
            id: 1,
            schema: schemaFor([]),
            left: leaf([types.int32]),
            right: leaf([types.int32]),
            joinType,
            condition: residual,
          },
          [inputOf(pool, [types.int32], left, 9, random), inputOf(pool, [types.int32], right, 9, random)],
          taskContext(pool),
        )
        const meets: Meets = (l, r) => residual === null || (l[0] as number) < (r[0] as number)
        expect(showRows(got), `seed ${seed}`).toEqual(showRows(naiveJoin(joinType, left, right, 1, meets)))
        expect(pool.usedBytes).toBe(0)
      }
    })
})
