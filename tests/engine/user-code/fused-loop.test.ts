import { describe, expect, test } from 'vitest'
import { fusedLoop, type LoopStep } from '../../../engine/user-code/fused-loop.ts'
import { KeyTable } from '../../../engine/user-code/key-table.ts'
import type { LoadedFunction } from '../../../engine/user-code/shipped-function.ts'

let functionCount = 0

function loaded(
  call: (...args: never[]) => unknown,
  env?: Readonly<Record<string, unknown>>,
): LoadedFunction {
  const functionId = `t${functionCount++}`
  const shipped = {
    functionId,
    name: 'test',
    source: '',
    captured: null,
    functions: {},
    imports: [],
    place: null,
  }
  return { shipped, call: call as LoadedFunction['call'], env }
}

function run(steps: readonly LoopStep[], values: readonly unknown[]): { values: unknown[]; table: KeyTable } {
  const output = { values: [], table: new KeyTable() }
  fusedLoop(steps)(values, output)
  return output
}

const double: LoopStep = { kind: 'map', fn: loaded((x: number) => 2 * x) }
const upTo: LoopStep = { kind: 'flatMap', fn: loaded((x: number) => Array.from({ length: x }, (_, i) => i)) }

describe('fusedLoop() gives what its steps give one after the other', () => {
  test.each<[string, LoopStep[], unknown[], unknown[]]>([
    ['nothing', [double], [], []],
    ['map', [double], [1, 2], [2, 4]],
    ['filter by truth', [{ kind: 'filter', fn: loaded((x: unknown) => x) }], [0, 1, '', 'a', null], [1, 'a']],
    ['flatMap within flatMap', [upTo, upTo], [3, 0, 1], [0, 0, 1]],
    ['flatMap over any iterable', [{ kind: 'flatMap', fn: loaded(() => new Set('aba')) }], [1], ['a', 'b']],
    ['flatMap over a text', [{ kind: 'flatMap', fn: loaded((x: string) => x) }], ['a😀'], ['a', '😀']],
    [
      'an environment',
      [{ kind: 'map', fn: loaded((x: number, { y }: { y: number }) => x + y, { y: 5 }) }],
      [1],
      [6],
    ],
    ['mapValues', [{ kind: 'mapValues', fn: loaded((x: number) => -x) }], [['a', 1]], [['a', -1]]],
    [
      'flatMapValues',
      [{ kind: 'flatMapValues', fn: loaded((x: string) => x) }, { kind: 'keys' }],
      [[1, 'ab']],
      [1, 1],
    ],
    ['keyBy', [{ kind: 'keyBy', fn: loaded((x: string) => x.length) }], ['ab'], [[2, 'ab']]],
    ['keys', [{ kind: 'keys' }], [[1, 2]], [1]],
    ['values', [double, { kind: 'pairWithOne' }, { kind: 'values' }], [1], [1]],
    ['pairs', [{ kind: 'pairWithItself' }, { kind: 'pairWithNull' }], [1], [[[1, 1], null]]],
    ['foreach', [{ kind: 'foreach', fn: loaded(() => 1) }], [1, 2], []],
  ])('%s', (_, steps, values, expected) => {
    expect(run(steps, values).values).toEqual(expected)
  })

  test('combine', () => {
    const split: LoopStep = { kind: 'flatMap', fn: loaded((line: string) => line.split(' ')) }
    const begin = (value: unknown): unknown => value
    const steps = (merge: LoadedFunction | 'add' | 'first'): LoopStep[] => [
      split,
      { kind: 'pairWithOne' },
      { kind: 'combine', first: null, begin, merge },
    ]
    for (const [merge, values] of [
      ['add', [2, 1]],
      ['first', [1, 1]],
      [loaded((a: number, b: number) => a + 10 * b), [11, 1]],
    ] as const) {
      const { table } = run(steps(merge), ['a b', 'a'])
      expect([table.keys, table.values]).toEqual([['a', 'b'], values])
    }
  })
})

test('an error names the function that failed, of several', () => {
  const fine = loaded((x: number) => x)
  const bad = loaded(() => {
    throw new RangeError('too big')
  })
  const named: LoadedFunction = { ...bad, shipped: { ...bad.shipped, name: 'the second' } }
  const steps: LoopStep[] = [
    { kind: 'map', fn: fine },
    { kind: 'map', fn: named },
  ]
  expect(() => run(steps, [1])).toThrow('the function of the second failed: RangeError: too big')
  const promise: LoopStep[] = [{ kind: 'filter', fn: loaded(() => Promise.resolve(true)) }]
  expect(() => run(promise, [1])).toThrow('functions run synchronously')
  expect(() => run([{ kind: 'keys' }], [1])).toThrow('a pair [key, value] is needed')
})
