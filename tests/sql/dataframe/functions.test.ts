import { describe, expect, test } from 'vitest'
import { builtInFunctions } from '../../../sql/analyzer/index.ts'
import * as api from '../../../sql/dataframe/index.ts'

/**
 * Methods of columns, keywords of TypeScript with another name here, what only `expr` can say, and the
 * engine's own.
 */
const ELSEWHERE: readonly string[] = [
  ...['div', 'in', 'if', 'typeof', 'percentile_cont', 'percentile_disc'],
  ...['map', 'getfield', 'getitem', 'all_match', 'any_match', 'single_row', 'single_value'],
]

const camelCase = (name: string): string =>
  name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())

describe('functions', () => {
  test('every function of the registry has one in camelCase', () => {
    const known = new Set(Object.keys(api).map((name) => name.toLowerCase()))
    const missing = builtInFunctions
      .names()
      .filter(
        (name) =>
          /^[a-z]/.test(name) && !ELSEWHERE.includes(name) && !known.has(camelCase(name).toLowerCase()),
      )
    expect(missing).toEqual([])
  })

  test('names are in camelCase', () => {
    expect(Object.keys(api).filter((name) => name.includes('_') && name !== 'typeof_')).toEqual([])
  })
})
