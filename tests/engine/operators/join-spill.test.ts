import { describe, expect, test } from 'vitest'
import type { MemoryPool } from '../../../engine/memory/index.ts'
import { nestedLoopJoin } from '../../../engine/operators/nested-loop-join.ts'
import { types } from '../../../engine/types/index.ts'
import { condition, JOIN_TYPES, joinNode, runAlone, runShared } from './run-join.ts'
import {
  inputOf,
  leaf,
  type Row,
  runOperator,
  schemaFor,
  showRows,
  taskContext,
  testPool,
} from './run-operator.ts'

describe('hashJoin in little memory', () => {
  const ROWS = 20_000
  const sideOf = (step: number): Row[] =>
    Array.from({ length: ROWS }, (_, i) => {
      const key = (i * step) % (2 * ROWS)
      return [
        i % 11 === 0 ? null : BigInt(key),
        key % 13 === 0 ? null : `text of some length, so that rows take memory: ${key}`,
        i % 10,
      ]
    })
  const sides = [sideOf(7), sideOf(5)] as const
  const keyTypes = [types.int64, types.string]
  const cases = [...JOIN_TYPES, 'nullAwareAnti' as const].flatMap((joinType) =>
    (['left', 'right'] as const)
      .filter((build) => build === 'right' || (joinType !== 'existence' && joinType !== 'nullAwareAnti'))
      .map((build) => [joinType, build] as const),
  )

  test.each(cases)('%s join spills both sides where the %s one is too large', async (joinType, build) => {
    const isNotIn = joinType === 'nullAwareAnti'
    // The keys of NOT IN are one column, and with a NULL on the right no row is left.
    const used = isNotIn
      ? sides.map((rows, side) => rows.filter(([key]) => side === 0 || key !== null))
      : sides
    const node = joinNode(joinType, build, keyTypes, [false, true], isNotIn ? null : condition(2, 5))
    const plan = isNotIn
      ? {
          ...node,
          leftKeys: node.leftKeys.slice(0, 1),
          rightKeys: node.rightKeys.slice(0, 1),
          nullSafe: [false],
        }
      : node
    const settings = { batchRows: 1000 }
    const expected = showRows(await runAlone(plan, used[0]!, used[1]!, testPool(), () => 0, settings))
    expect(expected.length).toBeGreaterThan(1000)
    for (const run of [runAlone, runShared]) {
      const [pool, counts] = [testPool(4 << 20), {} as Record<string, number>]
      const got = await run(plan, used[0]!, used[1]!, pool, () => 0, { ...settings, counts })
      expect(showRows(got)).toEqual(expected)
      expect(counts['spillBytes']).toBeGreaterThan(1 << 18)
      expect([pool.usedBytes, pool.spill.fileCount]).toEqual([0, 0])
    }
  })
})

describe('nestedLoopJoin in little memory', () => {
  const keyTypes = [types.int32, types.string]
  const left: Row[] = Array.from({ length: 25 }, (_, i) => [i * 997, `left ${i}`])
  const right: Row[] = Array.from({ length: 20_000 }, (_, i) => [
    i % 11 === 0 ? null : (i * 7) % 20_000,
    i % 13 === 0 ? null : `text of some length, so that rows take memory: ${i}`,
  ])

  test.each(JOIN_TYPES)('%s join spills the right side', async (joinType) => {
    const run = (pool: MemoryPool, counts: Record<string, number>): Promise<Row[]> =>
      runOperator(
        nestedLoopJoin,
        {
          kind: 'NestedLoopJoinExec',
          id: 1,
          schema: schemaFor([]),
          left: leaf(keyTypes),
          right: leaf(keyTypes),
          joinType,
          condition: condition(2, 0),
        },
        [inputOf(pool, keyTypes, left, 10, () => 0), inputOf(pool, keyTypes, right, 1000, () => 0)],
        taskContext(pool, counts),
      )
    const expected = showRows(await run(testPool(), {}))
    expect(expected.length).toBeGreaterThan(0)
    const [pool, counts] = [testPool(2 << 20), {} as Record<string, number>]
    expect(showRows(await run(pool, counts))).toEqual(expected)
    expect(counts['spillBytes']).toBeGreaterThan(1 << 18)
    expect([pool.usedBytes, pool.spill.fileCount]).toEqual([0, 0])
  })
})
