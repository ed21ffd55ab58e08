import { expect, test } from 'vitest'
import { difference } from '../../../bench/run/compare-answers.ts'
import type { EngineReply } from '../../../bench/run/engine-process.ts'

const answer = (...rows: (string | null)[][]): EngineReply => ({ seconds: 0, count: rows.length, rows })

test.each([
  ['equal', [['a', '1']], [['a', '1.0000001']], true, null],
  ['in another order', [['a'], ['b']], [['b'], ['a']], false, null],
  ['of another order where it counts', [['a'], ['b']], [['b'], ['a']], true, 'row 1 is'],
  [
    'ties in another order',
    [
      ['a', '5'],
      ['b', '5'],
    ],
    [
      ['b', '5'],
      ['a', '5'],
    ],
    true,
    null,
  ],
  [
    'a tie and a wrong row',
    [
      ['a', '5'],
      ['b', '5'],
    ],
    [
      ['c', '5'],
      ['a', '5'],
    ],
    true,
    'row 2 is',
  ],
  ['of another length', [['a']], [], true, '1 rows, not 0'],
])('answers that are %s', (_, ours, theirs, ordered, expected) => {
  const found = difference(answer(...ours), answer(...theirs), ordered)
  if (expected === null) expect(found).toBe(null)
  else expect(found).toContain(expected)
})
