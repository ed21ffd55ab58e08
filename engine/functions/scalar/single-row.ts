import { valueReader } from '../../batch/index.ts'
import { EngineError } from '../../errors.ts'
import { types } from '../../types/index.ts'
import type { ScalarFunction } from '../scalar-function.ts'
import { any, exactly, signature } from '../signature.ts'

/** The error for a subquery that stands for a value and has more than one row. */
export function tooManyRows(): EngineError {
  return new EngineError(
    'SCALAR_SUBQUERY_TOO_MANY_ROWS',
    'a subquery that stands for a value gave more than one row',
    {
      hint: 'Use an aggregate, LIMIT 1, or IN instead.',
    },
  )
}

/** What the optimizer puts above the join that a scalar subquery becomes. Not for users. */
export const singleRowFunctions: readonly ScalarFunction[] = [
  {
    name: 'single_row',
    usage: 'single_row(value, count) - the value; an error where count is more than one',
    volatility: 'immutable',
    nulls: 'custom',
    mayFail: true,
    resolve: signature('single_row', [any, exactly(types.int64)], ([type]) => type!),
    evaluate: ([value, count], { rowCount }) => {
      const read = valueReader(count!)
      for (let row = 0; row < rowCount; row++) {
        const rows = read(row)
        if (typeof rows === 'bigint' && rows > 1n) throw tooManyRows()
      }
      return value!
    },
  },
]
