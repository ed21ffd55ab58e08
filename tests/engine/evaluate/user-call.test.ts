import { describe, expect, it } from 'vitest'
import { evaluate, type UserFunction } from '../../../engine/evaluate/index.ts'
import type { Expr } from '../../../engine/expr/index.ts'
import { types } from '../../../engine/types/index.ts'
import { column, testContext, usePool, valuesOf, vectorOf } from '../functions/fixture.ts'

usePool()

const expr: Expr = {
  kind: 'user',
  name: 'twice',
  functionId: 'f1',
  args: [column(0, types.int64)],
  type: types.int64,
}

function apply(compute: UserFunction, values: readonly (bigint | null)[]) {
  const columns = [vectorOf(types.int64, values)]
  const context = { ...testContext(), userFunctions: () => compute }
  return valuesOf(evaluate(expr, { rowCount: values.length, columns }, context))
}

describe('user functions', () => {
  it('see and give public values', () => {
    const seen: unknown[] = []
    const twice: UserFunction = (x) => {
      seen.push(x)
      return x === null ? null : Number(x) * 2
    }
    expect(apply(twice, [1n, null, -4n])).toEqual([2n, null, -8n])
    expect(seen).toEqual([1, null, -4])
  })

  it('fail with their cause', () => {
    const cause = new Error('oops')
    const failing: UserFunction = () => {
      throw cause
    }
    expect(() => apply(failing, [1n])).toThrow(expect.objectContaining({ code: 'USER_CODE_FAILED', cause }))
  })

  it('do not see integers that a number cannot hold', () => {
    expect(() => apply((x) => x, [2n ** 60n])).toThrow(
      expect.objectContaining({ code: 'INT64_OUT_OF_RANGE' }),
    )
  })
})
