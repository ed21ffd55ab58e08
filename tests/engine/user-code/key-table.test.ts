import { expect, test } from 'vitest'
import { KeyTable } from '../../../engine/user-code/key-table.ts'
import { randomNumbers } from '../../../engine/user-code/random.ts'
import { identityOf } from '../../../engine/user-code/value-key.ts'

test('indexOf() knows keys by value', () => {
  const table = new KeyTable()
  const keys = [
    '',
    'a',
    'é',
    0,
    1,
    -1,
    1.5,
    Number.NaN,
    2 ** 40,
    7n,
    null,
    undefined,
    true,
    [1, 'a'],
    { b: 1 },
  ]
  for (const key of keys) {
    expect(table.indexOf(key)).toBe(-1)
    table.add(key, key)
  }
  const again = [
    '',
    'a',
    'é',
    -0,
    1,
    -1,
    1.5,
    Number.NaN,
    2 ** 40,
    7n,
    null,
    undefined,
    true,
    [1, 'a'],
    { b: 1 },
  ]
  expect(again.map((key) => table.indexOf(key))).toEqual(keys.map((_, index) => index))
  for (const other of ['1', '\u0000[1,"a"]', 2, 'A', 2n, false, [1]]) expect(table.indexOf(other)).toBe(-1)
  table.clear()
  expect(table.indexOf('a')).toBe(-1)
})

test('a table counts as a Map does, whatever the keys', () => {
  const seed = Date.now() % 1e6
  const random = randomNumbers(seed)
  const kinds = [
    () => `word${Math.floor(random() * 3000)}`,
    () => Math.floor(random() * 4000) - 2000,
    () => Math.floor(random() * 100) * 65536,
    () => Math.floor(random() * 50) / 4,
    () => [Math.floor(random() * 20), 'x'],
    () => 'ab\0ÿĀé'.slice(Math.floor(random() * 6)).repeat(1 + Math.floor(random() * 6)),
    () => 'x'.repeat(Math.floor(random() * 20)),
    () => `${'\0'.repeat(Math.floor(random() * 3))}${Math.floor(random() * 30)}`,
  ]
  const [table, map] = [new KeyTable(), new Map<unknown, number>()]
  for (let i = 0; i < 50_000; i++) {
    const key = kinds[Math.floor(random() * kinds.length)]!()
    const at = table.indexOf(key)
    if (at < 0) table.add(key, 1)
    else table.values[at] = (table.values[at] as number) + 1
    map.set(identityOf(key), (map.get(identityOf(key)) ?? 0) + 1)
  }
  const counted = table.keys.map((key, index) => [identityOf(key), table.values[index]])
  expect(counted, `seed ${seed}`).toEqual([...map])
})
