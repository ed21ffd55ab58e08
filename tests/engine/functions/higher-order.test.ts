import { describe, expect, it } from 'vitest'
import type { Expr } from '../../../engine/expr/index.ts'
import { lookupScalar } from '../../../engine/functions/index.ts'
import { type DataType, listType, mapType, types, type Value } from '../../../engine/types/index.ts'
import { call, column, literal, run, usePool, vectorOf } from './fixture.ts'

usePool()

const ints = listType(types.int32)
const variable = (id: number, type: DataType): Expr => ({ kind: 'variable', id, name: `x${id}`, type })
const lambda = (params: readonly [number, DataType][], body: Expr): Expr => ({
  kind: 'lambda',
  params: params.map(([id, type]) => ({ id, name: `x${id}`, type })),
  body,
  type: body.type,
})
const x = variable(1, types.int32)
const y = variable(2, types.int32)
const lists: Value[] = [[1, 2, 3], [], null, [null, 5], [4]]
const factors: Value[] = [10, 20, 30, 40, null]

function columns() {
  return [vectorOf(ints, lists), vectorOf(types.int32, factors)]
}

/** A call whose lambdas are as they stand. */
function higher(name: string, ...args: readonly Expr[]): Expr {
  const { returns } = lookupScalar(name)!.resolve(
    args.map(({ type }) => type),
    [],
  )
  return { kind: 'call', name, args, type: returns }
}

describe('higher-order functions', () => {
  const list = column(0, ints)
  const factor = column(1, types.int32)

  it('transform() sees elements, indices and columns of the row', () => {
    const body = lambda([[1, types.int32]], call('*', x, factor))
    expect(run(higher('transform', list, body), columns())).toEqual([
      [10, 20, 30],
      [],
      null,
      [null, 200],
      [null],
    ])
    const indexed = lambda(
      [
        [1, types.int32],
        [2, types.int32],
      ],
      y,
    )
    expect(run(higher('transform', list, indexed), columns())).toEqual([[0, 1, 2], [], null, [0, 1], [0]])
  })

  it('filter(), exists() and forall() are three-valued', () => {
    const odd = lambda(
      [[1, types.int32]],
      call('=', call('%', x, literal(types.int32, 2)), literal(types.int32, 1)),
    )
    expect(run(higher('filter', list, odd), columns())).toEqual([[1, 3], [], null, [5], []])
    const four = lambda([[1, types.int32]], call('=', x, literal(types.int32, 4)))
    expect(run(higher('exists', list, four), columns())).toEqual([false, false, null, null, true])
    const positive = lambda([[1, types.int32]], call('>', x, literal(types.int32, 0)))
    expect(run(higher('forall', list, positive), columns())).toEqual([true, true, null, null, true])
  })

  it('aggregate() folds and finishes', () => {
    const merge = lambda(
      [
        [1, types.int32],
        [2, types.int32],
      ],
      call('+', x, call('coalesce', y, literal(types.int32, 100))),
    )
    const finish = lambda([[1, types.int32]], call('negative', x))
    const expr = higher('aggregate', list, literal(types.int32, 0), merge, finish)
    expect(run(expr, columns())).toEqual([-6, 0, null, -105, -4])
  })

  it('zip_with() fills the shorter array with NULL', () => {
    const body = lambda(
      [
        [1, types.int32],
        [2, types.int32],
      ],
      call('coalesce', y, x),
    )
    const other = higher(
      'transform',
      list,
      lambda([[3, types.int32]], call('+', variable(3, types.int32), literal(types.int32, 1))),
    )
    expect(run(higher('zip_with', list, other, body), columns())).toEqual([
      [2, 3, 4],
      [],
      null,
      [null, 6],
      [5],
    ])
    const pair = vectorOf(ints, [[1, 2]])
    const shorter = vectorOf(ints, [[7]])
    expect(run(higher('zip_with', column(0, ints), column(1, ints), body), [pair, shorter])).toEqual([[7, 2]])
  })

  it('maps keep, change and check their entries', () => {
    const type = mapType(types.string, types.int32)
    const maps = [
      vectorOf(type, [
        [
          ['a', 1],
          ['b', 2],
        ],
        null,
        [],
      ]),
    ]
    const k = variable(1, types.string)
    const entry: [number, DataType][] = [
      [1, types.string],
      [2, types.int32],
    ]
    const bigger = lambda(entry, call('>', y, literal(types.int32, 1)))
    expect(run(higher('map_filter', column(0, type), bigger), maps)).toEqual([[['b', 2]], null, []])
    const doubled = lambda(entry, call('+', y, y))
    expect(run(higher('transform_values', column(0, type), doubled), maps)).toEqual([
      [
        ['a', 2],
        ['b', 4],
      ],
      null,
      [],
    ])
    const upper = lambda(entry, call('upper', k))
    expect(run(higher('transform_keys', column(0, type), upper), maps)).toEqual([
      [
        ['A', 1],
        ['B', 2],
      ],
      null,
      [],
    ])
    const same = lambda(entry, literal(types.string, 'k'))
    expect(() => run(higher('transform_keys', column(0, type), same), maps)).toThrow(
      expect.objectContaining({ code: 'DUPLICATED_MAP_KEY' }),
    )
  })
})
