import { expect, test } from 'vitest'
import { windowGroupLimit } from '../../../engine/operators/window-group-limit.ts'
import type { WindowGroupLimitExec } from '../../../engine/plan/index.ts'
import { types } from '../../../engine/types/index.ts'
import {
  column,
  inputOf,
  key,
  leaf,
  type Row,
  randomFrom,
  runOperator,
  schemaFor,
  showRows,
  taskContext,
  testPool,
} from './run-operator.ts'

const INPUT = [types.string, types.int32, types.int64]

test.each([
  ['ascending', key(column(1, types.int32))],
  ['descending', key(column(1, types.int32), true)],
  ['descending, NULL first', key(column(1, types.int32), true, true)],
])('rows among the first of their group, %s', async (_, order) => {
  const seed = Number(process.env['SEED'] ?? 11)
  const random = randomFrom(seed)
  const rows = Array.from({ length: 2000 }, (__, id): Row => {
    const group = random() < 0.1 ? null : `g${Math.floor(random() * 20)}`
    return [group, random() < 0.05 ? null : Math.floor(random() * 60), BigInt(id)]
  })
  for (const limit of [1, 3]) {
    const pool = testPool()
    const node: WindowGroupLimitExec = {
      kind: 'WindowGroupLimitExec',
      id: 1,
      schema: schemaFor(INPUT),
      input: leaf(INPUT),
      partitionBy: [column(0, types.string)],
      orderBy: [order],
      limit,
    }
    const input = inputOf(pool, INPUT, rows, 90, random)
    const given = await runOperator(windowGroupLimit, node, [input], taskContext(pool))
    const place = (row: Row): number => {
      const value = row[1] as number | null
      if (value === null) return order.nullsFirst ? -1e9 : 1e9
      return order.descending ? -value : value
    }
    // Two values that differ in their last bit may stand for each other.
    const isFar = (a: Row, b: Row) => place(a) < place(b) - 1
    const isBefore = (a: Row, b: Row) => place(a) < place(b)
    const count = (row: Row, test: (a: Row, b: Row) => boolean) =>
      rows.filter((other) => other[0] === row[0] && test(other, row)).length
    const [shown, label] = [new Set(showRows(given)), `seed ${seed}, limit ${limit}`]
    const wanted = showRows(rows.filter((row) => count(row, isBefore) < limit))
    const allowed = new Set(showRows(rows.filter((row) => count(row, isFar) < limit)))
    expect(
      wanted.filter((row) => !shown.has(row)),
      label,
    ).toEqual([])
    expect(
      [...shown].filter((row) => !allowed.has(row)),
      label,
    ).toEqual([])
    expect(shown.size).toBe(given.length)
    expect(pool.usedBytes).toBe(0)
  }
})
