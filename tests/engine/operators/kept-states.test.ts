import { afterAll, expect, test } from 'vitest'
import { flatten, valueReader } from '../../../engine/batch/index.ts'
import { lookupAggregate } from '../../../engine/functions/index.ts'
import { valueKey, valueOrder } from '../../../engine/functions/scalar/compare-values.ts'
import type { Region } from '../../../engine/memory/index.ts'
import { GroupedAggregate } from '../../../engine/operators/grouped-aggregate.ts'
import { type DataType, types, type Value } from '../../../engine/types/index.ts'
import { KEY_TYPES, randomValue } from './random-values.ts'
import {
  aggregateCall,
  column,
  makeColumn,
  type Row,
  randomFrom,
  show,
  taskContext,
  testPool,
} from './run-operator.ts'

const SEED = Number(process.env['SEED'] ?? 23)
const ROUNDS = process.env['MILLRACE_TEST_FULL'] === '1' ? 1500 : 60
const pool = testPool()
const context = taskContext(pool)
afterAll(() => expect(pool.usedBytes).toBe(0))

/** What a function gives over the rows of one group, in their order. */
const models: Readonly<Record<string, (rows: readonly Row[], of: readonly DataType[]) => Value>> = {
  collect_list: (rows) => rows.map(([value]) => value!).filter((value) => value !== null),
  collect_set: (rows) => {
    const seen = new Set<unknown>()
    return rows
      .map(([value]) => value!)
      .filter((value) => value !== null && !seen.has(valueKey(value)) && seen.add(valueKey(value)))
  },
  first: (rows) => rows[0]?.[0] ?? null,
  last: (rows) => rows.at(-1)?.[0] ?? null,
  max: (rows, [type]) =>
    extreme(
      rows.map(([value]) => [value!, value!]),
      type!,
      1,
      false,
    ),
  min: (rows, [type]) =>
    extreme(
      rows.map(([value]) => [value!, value!]),
      type!,
      -1,
      false,
    ),
  max_by: (rows, [, type]) => extreme(rows, type!, 1, true),
  min_by: (rows, [, type]) => extreme(rows, type!, -1, true),
}

function extreme(rows: readonly Row[], type: DataType, direction: 1 | -1, takesLast: boolean): Value {
  const order = valueOrder(type)
  let best: Row | null = null
  for (const row of rows) {
    if (row[1] === null) continue
    const by = best === null ? 1 : order(row[1]!, best[1]!) * direction
    if (by > 0 || (by === 0 && takesLast)) best = row
  }
  return best?.[0] ?? null
}

/** Zeros are one value. */
const text = (value: Value): string => show(value).replaceAll(/-0(?![\d.])/g, '0')

function batchOf(rows: readonly Row[], of: readonly DataType[], region: Region, random: () => number) {
  const columns = of.map((type, index) =>
    makeColumn(
      type,
      rows.map((row) => row[index]!),
      region,
      random,
    ),
  )
  return { rowCount: rows.length, columns }
}

test(`states that keep rows give what the rows of a group do, seed ${SEED}`, () => {
  for (let round = 0; round < ROUNDS; round++) {
    const random = randomFrom(SEED * 1_000_003 + round)
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
    const name = pick(Object.keys(models))
    const of = [pick(KEY_TYPES), pick(KEY_TYPES)].slice(0, name.endsWith('_by') ? 2 : 1)
    const signature = lookupAggregate(name)!.resolve(of, [])
    const call = aggregateCall(
      name,
      of.map((type, index) => column(index, type)),
      signature.returns,
    )
    const groupCount = pick([1, 3, 200, 3000])
    const batchCount = pick([1, 4, 300])
    const all = Array.from({ length: groupCount }, (): Row[] => [])
    const region = pool.createRegion()
    const scratch = pool.createRegion()
    const make = (): GroupedAggregate => new GroupedAggregate(call, region, context)
    const made = [make(), make()]
    const [parts, merged] = [made[0]!, made[1]!]
    let part = parts
    let shown = 0
    /** Sends what was added so far on as partial states, in pieces. */
    const pass = (): void => {
      for (let from = 0; from < shown; ) {
        const count = Math.min(shown - from, pick([1, 7, 5000]))
        scratch.reset()
        const groups = Int32Array.from({ length: count }, (_, i) => from + i)
        merged.merge(
          part.state(from, count, scratch).map((state) => flatten(state, scratch)),
          groups,
          count,
          scratch,
        )
        from += count
      }
    }
    merged.resize(groupCount)
    for (let batch = 0; batch < batchCount; batch++) {
      scratch.reset()
      const rows = Array.from({ length: pick([1, 20, 600]) }, () =>
        of.map((type) => randomValue(type, random)),
      )
      const groups = scratch.int32(rows.length)
      for (const [index, row] of rows.entries()) {
        groups[index] = Math.floor(random() * groupCount)
        all[groups[index]!]!.push(row)
      }
      shown = groupCount
      part.resize(shown)
      part.update(batchOf(rows, of, scratch, random), groups, context.evalContext(scratch))
      if (random() < 0.01) {
        pass()
        part = make()
        made.push(part)
        part.resize(shown)
      }
    }
    pass()
    for (let from = 0; from < groupCount; from += 1000) {
      const count = Math.min(1000, groupCount - from)
      scratch.reset()
      const read = valueReader(merged.finish(from, count, scratch))
      for (let i = 0; i < count; i++)
        expect(
          text(read(i)),
          `round ${round}: ${name}(${of.map(({ kind }) => kind)}), group ${from + i}`,
        ).toBe(text(models[name]!(all[from + i]!, of)))
    }
    for (const aggregate of made) aggregate.free()
    region.free()
    scratch.free()
  }
}, 300_000)

test('first and last leave out NULLs where they are told to', () => {
  const region = pool.createRegion()
  const rows: Row[] = [[null], [1], [2], [null]]
  const outcome = (name: string, ignores: boolean | null): Value => {
    const literal = { kind: 'literal', value: ignores, type: types.boolean } as const
    const aggregate = new GroupedAggregate(
      aggregateCall(name, [column(0, types.int32), literal], types.int32),
      region,
      context,
    )
    aggregate.resize(1)
    const batch = batchOf(rows, [types.int32], region, () => 0)
    aggregate.update(batch, region.int32(rows.length).fill(0), context.evalContext(region))
    const result = valueReader(aggregate.finish(0, 1, region))(0)
    aggregate.free()
    return result
  }
  expect([outcome('first', true), outcome('first', false), outcome('first', null)]).toEqual([1, null, null])
  expect([outcome('last', true), outcome('last', false), outcome('any_value', true)]).toEqual([2, null, 1])
  region.free()
})
