import { describe, expect, test } from 'vitest'
import type { AggregateCall, Expr } from '../../../engine/expr/index.ts'
import type { MemoryPool } from '../../../engine/memory/index.ts'
import { hashAggregate } from '../../../engine/operators/hash-aggregate.ts'
import { listType, types, type Value } from '../../../engine/types/index.ts'
import { aggregateNode } from './aggregate-node.ts'
import {
  aggregateCall,
  column,
  inputOf,
  type Row,
  runOperator,
  showRows,
  taskContext,
  testPool,
} from './run-operator.ts'

describe('hashAggregate in little memory', () => {
  const GROUPS = 40_000
  const text = (group: number): Value => (group % 7 === 0 ? null : `group number ${group}`)
  const calls = [
    aggregateCall('count', [], types.int64),
    aggregateCall('sum', [column(0, types.int32)], types.int64),
    aggregateCall('min', [column(2, types.string)], types.string),
    aggregateCall('avg', [column(0, types.int32)], types.float64),
    aggregateCall('last', [column(0, types.int32)], types.int32),
  ]

  test.each([
    { keys: [0], limitMiB: 8 },
    { keys: [1], limitMiB: 8 },
    { keys: [0, 1], limitMiB: 4 },
  ])(
    'spills states of groups by columns $keys in $limitMiB MiB and merges them',
    async ({ keys, limitMiB }) => {
      const inputTypes = [types.int32, types.string, types.string]
      const rows = Array.from({ length: 90_000 }, (_, i): Row => {
        const group = (i * 7919) % GROUPS
        return [group, text(group), i % 3 === 0 ? null : `value ${i % 10}`]
      })
      const run = async (pool: MemoryPool, counts: Record<string, number>): Promise<string[]> => {
        const plan = aggregateNode('complete', inputTypes, keys, calls)
        const input = [inputOf(pool, inputTypes, rows, 5000)]
        return showRows(await runOperator(hashAggregate, plan, input, taskContext(pool, counts)))
      }
      const [small, counts] = [testPool(limitMiB << 20), {} as Record<string, number>]
      expect(await run(small, counts)).toEqual(await run(testPool(), {}))
      expect(counts['spillBytes']).toBeGreaterThan(1 << 20)
      expect([small.usedBytes, small.spill.fileCount]).toEqual([0, 0])
    },
  )

  const list = listType(types.string)
  const ordered = { expr: column(0, types.int32), descending: true, nullsFirst: false }
  const large: readonly (readonly [string, readonly AggregateCall[]])[] = [
    ['lists', [aggregateCall('collect_list', [column(1, types.string)], list)]],
    ['sets', [aggregateCall('collect_set', [column(1, types.string)], list)]],
    [
      'ordered texts and distinct values',
      [
        { ...aggregateCall('listagg', [column(1, types.string)], types.string), order: [ordered] },
        { ...aggregateCall('count', [column(1, types.string)], types.int64), distinct: true },
        aggregateCall('max_by', [column(1, types.string), column(0, types.int32)], types.string),
      ],
    ],
    [
      'samples',
      [aggregateCall('percentile', [column(2, types.float64), column(3, types.float64)], types.float64)],
    ],
  ]
  test.each(large)('spills states that are %s', async (name, states) => {
    const inputTypes = [types.int32, types.string, types.float64, types.float64]
    const rows = Array.from({ length: 60_000 }, (_, i): Row => {
      const value = (i * 7919) % 60_000
      return [value, value % 11 === 0 ? null : `a value of some length ${value % 20_000}`, value / 2, 0.5]
    })
    const run = async (pool: MemoryPool, counts: Record<string, number>): Promise<string[]> => {
      const key = {
        kind: 'call',
        name: '%',
        args: [column(0, types.int32), { kind: 'literal', value: 997, type: types.int32 }],
        type: types.int32,
      }
      const plan = { ...aggregateNode('complete', inputTypes, [0], states), keys: [key as Expr] }
      const input = [inputOf(pool, inputTypes, rows, 2000)]
      return showRows(await runOperator(hashAggregate, plan, input, taskContext(pool, counts)))
    }
    const [small, counts] = [testPool(name === 'samples' ? 3 << 20 : 12 << 20), {} as Record<string, number>]
    expect(await run(small, counts)).toEqual(await run(testPool(), {}))
    expect(counts['spillBytes']).toBeGreaterThan(1 << 17)
    expect([small.usedBytes, small.spill.fileCount]).toEqual([0, 0])
  })

  test.each(['max', 'first', 'max_by'])('spills the rows that %s keeps of many groups', async (name) => {
    const inputTypes = [types.int32, types.string]
    const rows = Array.from({ length: 90_000 }, (_, i): Row => {
      const group = (i * 7919) % 30_000
      return [group, `the row ${i % 3} of group number ${group}, with a text of some length`]
    })
    const args =
      name === 'max_by' ? [column(1, types.string), column(0, types.int32)] : [column(1, types.string)]
    const run = async (pool: MemoryPool, counts: Record<string, number>): Promise<string[]> => {
      const plan = aggregateNode('complete', inputTypes, [0], [aggregateCall(name, args, types.string)])
      const input = [inputOf(pool, inputTypes, rows, 3000)]
      return showRows(await runOperator(hashAggregate, plan, input, taskContext(pool, counts)))
    }
    const [small, counts] = [testPool(12 << 20), {} as Record<string, number>]
    expect(await run(small, counts)).toEqual(await run(testPool(), {}))
    expect(counts['spillBytes']).toBeGreaterThan(1 << 20)
    expect([small.usedBytes, small.spill.fileCount]).toEqual([0, 0])
  })

  test('spills distinct values of few groups, also of several calls', async () => {
    const inputTypes = [types.int32, types.string]
    const rows = Array.from({ length: 60_000 }, (_, i): Row => {
      const value = (i * 7919) % 45_000
      return [value, value % 11 === 0 ? null : `a value of some length ${value % 20_000}`]
    })
    const distinct = (name: string, index: number): AggregateCall => ({
      ...aggregateCall(name, [column(index, inputTypes[index]!)], types.int64),
      distinct: true,
    })
    const run = async (pool: MemoryPool, counts: Record<string, number>): Promise<string[]> => {
      const calls = [distinct('count', 1), distinct('sum', 0), aggregateCall('count', [], types.int64)]
      const three = { kind: 'literal', value: 3, type: types.int32 } as const
      const key: Expr = { kind: 'call', name: '%', args: [column(0, types.int32), three], type: types.int32 }
      const plan = { ...aggregateNode('complete', inputTypes, [0], calls), keys: [key] }
      const input = [inputOf(pool, inputTypes, rows, 2000)]
      return showRows(await runOperator(hashAggregate, plan, input, taskContext(pool, counts)))
    }
    const [small, counts] = [testPool(6 << 20), {} as Record<string, number>]
    expect(await run(small, counts)).toEqual(await run(testPool(), {}))
    expect(counts['spillBytes']).toBeGreaterThan(1 << 19)
    expect([small.usedBytes, small.spill.fileCount]).toEqual([0, 0])
  })
})
