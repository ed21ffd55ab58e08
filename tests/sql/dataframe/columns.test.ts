import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DayTimeInterval, Decimal, LocalDate, MonthInterval, Timestamp } from '../../../engine/types/index.ts'
import * as f from '../../../sql/dataframe/index.ts'
import { type TestSession, testSession } from './test-session.ts'

let session: TestSession
beforeAll(() => {
  session = testSession()
})
afterAll(async () => {
  await session.stop()
})

const one = () => session.sql('SELECT 1 AS one')

/** The value of a column over one row. */
async function valueOf(column: f.Column<unknown>): Promise<unknown> {
  const [row] = await one()
    .select((): Record<string, f.Column<unknown>> => ({ v: column }))
    .collect()
  return row?.['v']
}

const LITERALS: readonly (readonly [unknown, unknown])[] = [
  [null, null],
  [true, true],
  [7, 7],
  [-7, -7],
  [2 ** 40, 2 ** 40],
  [1.5, 1.5],
  [Number.NaN, Number.NaN],
  [-0, -0],
  [12n, 12],
  ['it’s', 'it’s'],
  [Decimal.of('-12.50'), Decimal.of('-12.50')],
  [new Date(86_400_000), new Timestamp(86_400_000_000n)],
  [new Timestamp(1_000_001n), new Timestamp(1_000_001n)],
  [LocalDate.of('2011-12-09'), LocalDate.of('2011-12-09')],
  [new MonthInterval(14), new MonthInterval(14)],
  [new DayTimeInterval(-5n), new DayTimeInterval(-5n)],
  [Uint8Array.of(1, 2), Uint8Array.of(1, 2)],
  [
    [1, 2],
    [1, 2],
  ],
  [new Map([['a', 1]]), new Map([['a', 1]])],
  [
    { a: 1, b: 'x' },
    { a: 1, b: 'x' },
  ],
]

test.each(LITERALS)('lit(%s) arrives as it is', async (given, wanted) => {
  expect(await valueOf(f.lit(given) as f.Column<unknown>)).toEqual(wanted)
})

test('lit() refuses what is no value', () => {
  expect(() => f.lit(() => 1)).toThrow(/a function cannot be a value/)
})

const { col, lit } = f
const EXPRESSIONS: Readonly<Record<string, readonly [f.Column<unknown>, unknown]>> = {
  between: [lit(2).between(1, 3), true],
  isIn: [lit(2).isIn(1, [2, 3]), true],
  'isIn of nothing': [lit(2).isIn(), false],
  eqNullSafe: [lit(2).eqNullSafe(null), false],
  not: [f.not(lit(2).eq(3)), true],
  or: [lit(1).eq(2).or(lit(1).eq(1)).or(lit(1).eq(3)), true],
  like: [lit('tea').like('t%'), true],
  rlike: [lit('tea').rlike('^t.a$'), true],
  startsWith: [lit('tea').startsWith('te'), true],
  substr: [lit('coffee').substr(2, 3), 'off'],
  cast: [lit('12').cast('int').plus(1), 13],
  tryCast: [lit('x').tryCast('int'), null],
  arithmetic: [lit(7).minus(2).times(3).dividedBy(2).mod(4), 3.5],
  div: [lit(7).div(2), 3],
  negate: [lit(7).negate(), -7],
  bits: [lit(6).bitwiseAnd(3).bitwiseOr(8).bitwiseXor(1), 11],
  getItem: [lit([1, 2]).getItem(1), 2],
  getField: [f.expr("named_struct('a', 5)").getField('a'), 5],
  date: [lit(LocalDate.of('2011-12-09')).plus(3).eq(LocalDate.of('2011-12-12')), true],
  dateTrunc: [f.dateTrunc('MONTH', lit(LocalDate.of('2011-12-09'))), new Timestamp(1_322_697_600_000_000n)],
  regexpReplace: [f.regexpReplace(lit('a1b2'), '[0-9]', '-'), 'a-b-'],
  coalesce: [f.coalesce(lit(null), lit(3)), 3],
  iff: [f.iff(lit(1).gt(2), lit('a'), lit('b')), 'b'],
  round: [f.round(lit(Decimal.of('2.55')), 1), new Decimal(26n, 1)],
  expr: [f.expr('one + 1'), 2],
  names: [f.upper(lit('x').as('y') as unknown as f.StringColumn<string>), 'X'],
}

test.each(Object.entries(EXPRESSIONS))('%s', async (_, [column, wanted]) => {
  expect(await valueOf(column)).toEqual(wanted)
})

describe('columns', () => {
  test('names with dots stand in backticks', async () => {
    const frame = one().select(lit(1).as('a.b'), lit(2).as('c'))
    expect(await frame.select(col('`a.b`').as('x'), col('c')).collect()).toEqual([{ x: 1, c: 2 }])
    expect((await frame.select((r) => ({ x: r['a.b'] })).collect())[0]).toEqual({ x: 1 })
    expect(() => col('`a')).toThrow(/is not a column name/)
  })

  test('automatic names are those of SQL', async () => {
    const frame = one().select(col('one').plus(1), f.sum(col('one')).over(f.Window.partitionBy('one')))
    const columns = await frame.columns()
    expect(columns[0]).toBe('(one + 1)')
    expect(columns[1]).toMatch(/^sum\(one\) OVER/i)
  })

  test('a column of a DataFrame keeps its name', async () => {
    const frame = session.rows([{ id: 1 }])
    expect(await frame.select(frame.col('id')).columns()).toEqual(['id'])
    expect(await frame.select(frame.col('id').plus(1)).columns()).toEqual(['(id + 1)'])
  })

  test('explode() gives a row for each element', async () => {
    const frame = session.rows([{ id: 1, tags: ['a', 'b'] }])
    expect(
      await frame
        .withColumn('tag', (r) => f.explode(r.tags))
        .drop('tags')
        .collect(),
    ).toEqual([
      { id: 1, tag: 'a' },
      { id: 1, tag: 'b' },
    ])
  })

  test('over() is only for calls', () => {
    expect(() => (lit(1) as unknown as f.DynamicColumn).over(f.Window.partitionBy('a'))).toThrow(/no call/)
  })

  test('frames, directions and ranks of windows', async () => {
    const frame = session.rows([1, 2, 3, 4].map((id) => ({ id })))
    const rows = f.Window.orderBy(f.desc('id')).rowsBetween(-1, f.Window.currentRow)
    const summed = frame.select((r) => ({
      id: r.id,
      pair: f.sum(r.id).over(rows),
      before: f.lag(r.id, 1, 0).over(f.Window.orderBy('id')),
    }))
    expect(await summed.orderBy('id').collect()).toEqual([
      { id: 1, pair: 3, before: 0 },
      { id: 2, pair: 5, before: 1 },
      { id: 3, pair: 7, before: 2 },
      { id: 4, pair: 4, before: 3 },
    ])
  })
})
