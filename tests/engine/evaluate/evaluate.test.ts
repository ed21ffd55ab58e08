import { describe, expect, it } from 'vitest'
import { constantVector, dictionaryVector, type FlatVector } from '../../../engine/batch/index.ts'
import { evaluatePredicate } from '../../../engine/evaluate/index.ts'
import type { Expr } from '../../../engine/expr/index.ts'
import { decimalType, types, type Value } from '../../../engine/types/index.ts'
import { call, column, literal, run, testContext, usePool, vectorOf } from '../functions/fixture.ts'

usePool()

const int = (value: number | null) => literal(types.int32, value)

describe('evaluate', () => {
  it('computes over columns and literals with NULLs', () => {
    const a = vectorOf(types.int32, [1, null, 3])
    expect(run(call('+', column(0, types.int32), int(2)), [a])).toEqual([3, null, 5])
    expect(run(call('*', column(0, types.int32), column(0, types.int32)), [a])).toEqual([1, null, 9])
    expect(run(call('+', column(0, types.int32), int(null)), [a])).toEqual([null, null, null])
  })

  it('computes TPC-H revenue in one lane', () => {
    const money = decimalType(15, 2)
    const price = vectorOf(money, [100_00n, null, 1_049_495_00n])
    const discount = vectorOf(money, [10n, 5n, 0n])
    const revenue = call('*', column(0, money), call('-', int(1), column(1, money)))
    expect(revenue.type).toEqual(decimalType(32, 4))
    expect(run(revenue, [price, discount])).toEqual([90_0000n, null, 1_049_495_0000n])
  })

  it('guards operands of AND, OR and CASE that can fail', () => {
    const a = vectorOf(types.int32, [0, 1, 2, null])
    const x = column(0, types.int32)
    const positive = call('>', x, int(0))
    const quotient = call('>', call('div', int(10), x), int(5))
    const and: Expr = { kind: 'and', operands: [positive, quotient], type: types.boolean }
    expect(run(and, [a])).toEqual([false, true, false, null])
    const or: Expr = { kind: 'or', operands: [call('=', x, int(0)), quotient], type: types.boolean }
    expect(run(or, [a])).toEqual([true, true, false, null])
    const choice: Expr = {
      kind: 'case',
      branches: [{ when: positive, then: call('div', int(10), x) }],
      otherwise: literal(types.int64, -1n),
      type: types.int64,
    }
    expect(run(choice, [a])).toEqual([-1n, 10n, 5n, -1n])
    expect(() => run(quotient, [a])).toThrow(expect.objectContaining({ code: 'DIVIDE_BY_ZERO' }))
  })

  it('combines three-valued logic', () => {
    const all: Value[] = [true, false, null]
    const pairs = all.flatMap((p) => all.map((q) => [p, q] as const))
    const p = vectorOf(
      types.boolean,
      pairs.map(([item]) => item),
    )
    const q = vectorOf(
      types.boolean,
      pairs.map(([, item]) => item),
    )
    const operands = [column(0, types.boolean), column(1, types.boolean)]
    expect(run({ kind: 'and', operands, type: types.boolean }, [p, q])).toEqual([
      true,
      false,
      null,
      false,
      false,
      false,
      null,
      false,
      null,
    ])
    expect(run({ kind: 'or', operands, type: types.boolean }, [p, q])).toEqual([
      true,
      true,
      true,
      true,
      false,
      null,
      true,
      null,
      null,
    ])
  })

  it('works on dictionaries and constants', () => {
    const { region } = testContext()
    const words = vectorOf(types.string, ['apple', 'bat', null, 'x']) as FlatVector
    const codes = Int32Array.from([0, 1, 0, 1, 1, 0])
    const used = dictionaryVector(6, codes, vectorOf(types.string, ['apple', 'bat']) as FlatVector)
    const nullable = dictionaryVector(
      6,
      Int32Array.from([0, 0, 1, 0, 3, 0]),
      words,
      Uint8Array.from([0b010101]),
    )
    const s = column(0, types.string)
    const like = call('like', s, literal(types.string, '%a_'))
    expect(run(like, [used])).toEqual([false, true, false, true, true, false])
    expect(run(call('length', s), [used])).toEqual([5, 3, 5, 3, 3, 5])
    expect(run(call('length', s), [nullable])).toEqual([5, null, 3, null, 1, null])
    expect(run(call('isnull', s), [nullable])).toEqual([false, true, false, true, false, true])
    expect(run(call('coalesce', s, literal(types.string, '-')), [nullable])).toEqual([
      'apple',
      '-',
      'bat',
      '-',
      'x',
      '-',
    ])
    expect(run(call('upper', s), [constantVector(types.string, 'é', 3, region)])).toEqual(['É', 'É', 'É'])
  })

  it('finds the rows of a predicate', () => {
    const a = vectorOf(types.int64, [5n, null, -1n, 7n])
    const { indices, count } = evaluatePredicate(
      call('>', column(0, types.int64), literal(types.int64, 4n)),
      { rowCount: 4, columns: [a] },
      testContext(),
    )
    expect([...indices.subarray(0, count)]).toEqual([0, 3])
  })

  it('evaluates chains of thousands of operators', () => {
    let sum: Expr = column(0, types.int64)
    for (let i = 0; i < 20_000; i++) sum = call('+', sum, literal(types.int64, 1n))
    expect(run(sum, [vectorOf(types.int64, [5n])])).toEqual([20_005n])
    const positive = call('>', sum, literal(types.int64, 0n))
    expect(
      run({ kind: 'and', operands: [positive, positive], type: types.boolean }, [
        vectorOf(types.int64, [5n]),
      ]),
    ).toEqual([true])
  })

  it('gives empty vectors for empty batches, and calls nothing', () => {
    const fails = call('div', int(1), int(0))
    expect(run(fails, [vectorOf(types.int32, [])])).toEqual([])
  })
})
