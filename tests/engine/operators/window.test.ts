import { describe, expect, test } from 'vitest'
import { window } from '../../../engine/operators/window.ts'
import type { FrameBound, WindowCall, WindowFrame } from '../../../engine/plan/index.ts'
import { type DataType, listType, types, type Value } from '../../../engine/types/index.ts'
import {
  aggregateCall,
  column,
  inputOf,
  key,
  leaf,
  type Row,
  randomFrom,
  runOperator,
  schemaFor,
  taskContext,
  testPool,
} from './run-operator.ts'

const WHOLE: WindowFrame = {
  unit: 'range',
  start: { kind: 'unboundedPreceding' },
  end: { kind: 'unboundedFollowing' },
}
const RUNNING: WindowFrame = {
  unit: 'range',
  start: { kind: 'unboundedPreceding' },
  end: { kind: 'currentRow' },
}

function windowCall(
  name: string,
  args: WindowCall['args'],
  type: DataType,
  more: Partial<WindowCall> = {},
): WindowCall {
  return { ...aggregateCall(name, args, type), isAggregate: false, frame: WHOLE, ignoreNulls: false, ...more }
}

async function run(
  inputTypes: readonly DataType[],
  rows: readonly Row[],
  calls: readonly WindowCall[],
  { descending = false, ordered = true } = {},
): Promise<Row[]> {
  const pool = testPool()
  const got = await runOperator(
    window,
    {
      kind: 'WindowExec',
      id: 1,
      schema: schemaFor([]),
      input: leaf(inputTypes),
      partitionBy: [column(0, inputTypes[0]!)],
      orderBy: ordered ? [key(column(1, inputTypes[1]!), descending)] : [],
      calls,
    },
    [inputOf(pool, inputTypes, rows, 4)],
    taskContext(pool),
  )
  expect(pool.usedBytes).toBe(0)
  return got
}

const literal = (value: Value, type: DataType) => ({ kind: 'literal', value, type }) as const

describe('window', () => {
  const inputTypes = [types.string, types.int32, types.int32]
  const rows: Row[] = [
    ['b', 5, 1],
    ['a', 2, 10],
    ['a', 1, null],
    ['a', 2, 20],
    ['a', 3, 30],
    [null, 1, 7],
  ]

  test('ranks rows within partitions', async () => {
    const names = ['row_number', 'rank', 'dense_rank', 'percent_rank', 'cume_dist'] as const
    const calls = names.map((name) =>
      windowCall(name, [], name.includes('_r') || name.includes('cume') ? types.float64 : types.int32),
    )
    const tiles = windowCall('ntile', [literal(2, types.int32)], types.int32)
    expect(await run(inputTypes, rows, [...calls, tiles])).toEqual([
      [null, 1, 7, 1, 1, 1, 0, 1, 1],
      ['a', 1, null, 1, 1, 1, 0, 0.25, 1],
      ['a', 2, 10, 2, 2, 2, 1 / 3, 0.75, 1],
      ['a', 2, 20, 3, 2, 2, 1 / 3, 0.75, 2],
      ['a', 3, 30, 4, 4, 3, 1, 1, 2],
      ['b', 5, 1, 1, 1, 1, 0, 1, 1],
    ])
  })

  test('takes values of other rows', async () => {
    const value = column(2, types.int32)
    const two = literal(2, types.int32)
    const calls = [
      windowCall('lag', [value], types.int32),
      windowCall('lead', [value, literal(1, types.int32), literal(-1, types.int32)], types.int32),
      windowCall('lead', [value], types.int32, { ignoreNulls: true }),
      windowCall('first_value', [value], types.int32, { frame: RUNNING }),
      windowCall('first_value', [value], types.int32, { frame: RUNNING, ignoreNulls: true }),
      windowCall('last_value', [value], types.int32, { frame: RUNNING }),
      windowCall('nth_value', [value, two], types.int32, { frame: RUNNING }),
    ]
    expect((await run(inputTypes, rows, calls)).map((row) => row.slice(3))).toEqual([
      [null, -1, null, 7, 7, 7, null],
      [null, 10, 10, null, null, null, null],
      [null, 20, 20, null, 10, 20, 10],
      [10, 30, 30, null, 10, 20, 10],
      [20, -1, null, null, 10, 30, 10],
      [null, -1, null, 1, 1, 1, null],
    ])
  })

  test('moves RANGE frames over dates and timestamps by intervals', async () => {
    const day = 86_400_000_000n
    const dates: Row[] = [30, 31, 58, 59, 89].map((value) => ['a', value, value])
    const times: Row[] = dates.map(([name, value]) => [name!, BigInt(value as number) * day, value!])
    const over = (offset: Value, offsetType: DataType) =>
      windowCall('collect_list', [column(2, types.int32)], listType(types.int32), {
        isAggregate: true,
        frame: {
          unit: 'range',
          start: { kind: 'preceding', offset },
          end: { kind: 'currentRow' },
          offsetType,
        },
      })
    // 30 is 31 January 1970, 58 is 28 February, 89 is 31 March: one month before that is 28 February.
    const month = [[30], [30, 31], [30, 31, 58], [31, 58, 59], [58, 59, 89]]
    const oneDay = [[30], [30, 31], [58], [58, 59], [89]]
    for (const [rows, type] of [
      [dates, types.date],
      [times, types.timestamp],
      [times, types.timestampNtz],
    ] as const)
      for (const [offset, offsetType, expected] of [
        [1, types.intervalYm, month],
        [day, types.intervalDt, oneDay],
      ] as const) {
        const got = await run([types.string, type, types.int32], rows, [over(offset, offsetType)])
        expect(got.map((row) => row[3])).toEqual(expected)
      }
  })

  test('gives ordered and DISTINCT aggregates over the whole partition', async () => {
    const value = column(2, types.int32)
    const calls = [
      windowCall('collect_list', [value], listType(types.int32), {
        isAggregate: true,
        order: [key(value, true)],
      }),
      windowCall('count', [column(1, types.int32)], types.int64, { isAggregate: true, distinct: true }),
    ]
    expect((await run(inputTypes, rows, calls)).map((row) => row.slice(3))).toEqual([
      [[7], 1n],
      [[30, 20, 10], 3n],
      [[30, 20, 10], 3n],
      [[30, 20, 10], 3n],
      [[30, 20, 10], 3n],
      [[1], 1n],
    ])
  })

  test('aggregates over frames as a loop over rows does', async () => {
    const seed = Math.floor(Math.random() * 1e9)
    const random = randomFrom(seed)
    const bounds = (unit: string): FrameBound[] => [
      { kind: 'unboundedPreceding' },
      { kind: 'preceding', offset: 2 },
      { kind: 'currentRow' },
      { kind: 'following', offset: unit === 'rows' ? 1 : 3 },
      { kind: 'unboundedFollowing' },
    ]
    const data = Array.from({ length: 120 }, (_, i) => [
      `p${Math.floor(random() * 4)}`,
      random() < 0.1 ? null : Math.floor(random() * 12),
      random() < 0.2 ? null : Math.floor(random() * 100),
      i,
    ]) as Row[]
    const types4 = [...inputTypes, types.int32]
    for (const unit of ['rows', 'range'] as const)
      for (const descending of [false, true])
        for (const start of bounds(unit).slice(0, 4))
          for (const end of bounds(unit).slice(1)) {
            const frame = { unit, start, end }
            const calls = [
              windowCall('sum', [column(2, types.int32)], types.int64, { frame, isAggregate: true }),
              windowCall('count', [], types.int64, { frame, isAggregate: true }),
              windowCall('avg', [column(2, types.int32)], types.float64, { frame, isAggregate: true }),
              windowCall('max', [column(2, types.int32)], types.int32, { frame, isAggregate: true }),
            ]
            const got = await run(types4, data, calls, { descending })
            expect(
              got.map((row) => row.slice(4)),
              `seed ${seed} ${JSON.stringify(frame)} ${descending}`,
            ).toEqual(naiveFrames(got, frame, descending))
          }
  }, 60_000)
})

/** sum, count, avg and max over the frame of each row, row by row; `rows` come sorted. */
function naiveFrames(rows: readonly Row[], frame: WindowFrame, descending: boolean): Value[][] {
  return rows.map((row, at) => {
    const inFrame = rows.filter(
      (other, index) =>
        other[0] === row[0] &&
        reaches(frame, frame.start, -1, row, at, other, index, descending) &&
        reaches(frame, frame.end, 1, row, at, other, index, descending),
    )
    const values = inFrame.flatMap((other) => (other[2] === null ? [] : [other[2] as number]))
    const sum = values.reduce((total, value) => total + value, 0)
    if (values.length === 0) return [null, BigInt(inFrame.length), null, null]
    return [BigInt(sum), BigInt(inFrame.length), sum / values.length, Math.max(...values)]
  })
}

/** Whether a row lies on the inner side (1: at or before, -1: at or after) of a bound of the frame. */
function reaches(
  { unit }: WindowFrame,
  bound: FrameBound,
  side: 1 | -1,
  row: Row,
  at: number,
  other: Row,
  index: number,
  descending: boolean,
): boolean {
  if (bound.kind === 'unboundedPreceding') return side === -1
  if (bound.kind === 'unboundedFollowing') return side === 1
  const offset =
    bound.kind === 'currentRow' ? 0 : (bound.offset as number) * (bound.kind === 'preceding' ? -1 : 1)
  if (unit === 'rows') return (at + offset - index) * side >= 0
  // NULLs are peers, before all others ascending, behind them descending; offsets do not move them.
  const [mine, its] = [row[1] as number | null, other[1] as number | null]
  const sign = descending ? -1 : 1
  if (mine === null || its === null) return (Number(mine !== null) - Number(its !== null)) * side * sign >= 0
  return ((mine - its) * sign + offset) * side >= 0
}
