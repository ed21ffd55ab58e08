import { expect, test } from 'vitest'
import { cutTasks, type InputSizes } from '../../../../driver/scheduler/adapt/cut-tasks.ts'
import { type AdaptSettings, DEFAULT_ADAPT_SETTINGS } from '../../../../driver/scheduler/adapt/index.ts'
import { randomOf } from '../random-graph.ts'

const SETTINGS: AdaptSettings = {
  ...DEFAULT_ADAPT_SETTINGS,
  targetBytes: 100,
  leastBytes: 10,
  skewBytes: 100,
  skewFactor: 3,
}
const JOIN = { left: 0, right: 1, splitsLeft: true, splitsRight: true }
const SEED = Number(process.env['SEED'] ?? Date.now() % 2 ** 31)

/** An input whose maps left these bytes by partition. */
function input(stageId: number, maps: readonly (readonly number[])[]): InputSizes {
  const width = maps[0]!.length
  return {
    stageId,
    mapCount: maps.length,
    partitionBytes: Array.from({ length: width }, (_, at) => maps.reduce((sum, map) => sum + map[at]!, 0)),
    bytesOf: (map, partition) => maps[map]![partition]!,
  }
}

/** Slices as `stage:partitions:maps`. */
function texts(cut: ReturnType<typeof cutTasks>): string[] {
  return (cut?.slices ?? []).map((task) =>
    task
      .map((each) => {
        return `${each.stageId}:${each.fromPartition}-${each.toPartition}:${each.fromMap}-${each.toMap}`
      })
      .join(' '),
  )
}

test('small neighbours are read together, on all inputs alike', () => {
  const cut = cutTasks([input(0, [[30, 30, 30, 80]]), input(1, [[10, 10, 10, 10]])], 4, null, 1, SETTINGS)
  expect(texts(cut)).toEqual(['0:0-2:0-1 1:0-2:0-1', '0:2-3:0-1 1:2-3:0-1', '0:3-4:0-1 1:3-4:0-1'])
  expect(cut!.changes).toEqual(['4 partitions of 210 B are read by 3 tasks'])
})

test('all slots get work, as long as there is some', () => {
  const sizes = [input(0, [Array.from({ length: 8 }, () => 20)])]
  expect(texts(cutTasks(sizes, 8, null, 4, SETTINGS)).length).toBe(4)
  expect(cutTasks(sizes, 8, null, 8, SETTINGS)).toBeNull()
  expect(texts(cutTasks([input(0, [Array.from({ length: 8 }, () => 1)])], 8, null, 8, SETTINGS)).length).toBe(
    1,
  )
})

test('a skewed partition is split by maps, and the other side is read by every part', () => {
  const left = input(0, [
    [10, 90],
    [10, 90],
    [10, 90],
  ])
  const right = input(1, [[5, 50]])
  const cut = cutTasks([left, right], 2, JOIN, 8, { ...SETTINGS, leastBytes: 30 })
  expect(cut).toBeNull() // Of two partitions, the larger one is the median.
  const three = [
    input(0, [
      [10, 90, 10],
      [10, 90, 10],
      [10, 90, 10],
    ]),
    input(1, [[5, 50, 5]]),
  ]
  const split = cutTasks(three, 3, JOIN, 8, SETTINGS)
  expect(texts(split)).toEqual([
    '0:0-1:0-3 1:0-1:0-1',
    '0:1-2:0-1 1:1-2:0-1',
    '0:1-2:1-2 1:1-2:0-1',
    '0:1-2:2-3 1:1-2:0-1',
    '0:2-3:0-3 1:2-3:0-1',
  ])
  expect(split!.changes).toEqual(['partition 1 of 320 B is split in 3'])
  expect(cutTasks(three, 3, { ...JOIN, splitsLeft: false }, 8, SETTINGS)).toBeNull()
})

test(`every byte of one side meets every byte of the other once (SEED=${SEED})`, () => {
  const random = randomOf(SEED)
  const integer = (count: number): number => Math.floor(random() * count)
  for (let round = 0; round < 500; round++) {
    const width = 2 + integer(8)
    const maps = () =>
      Array.from({ length: 1 + integer(5) }, () =>
        Array.from({ length: width }, () => (random() < 0.2 ? 500 * random() : 20 * random())),
      )
    const [left, right] = [input(0, maps()), input(1, maps())]
    const cut = cutTasks([left, right], width, JOIN, 1 + integer(8), SETTINGS)
    if (cut === null) continue
    const met = new Map<string, number>()
    for (const task of cut.slices) {
      const [one, other] = [cells(task, 0), cells(task, 1)]
      for (const [partition, map] of one)
        for (const [place, mate] of other)
          if (partition === place) {
            const key = `${partition} ${map} ${mate}`
            met.set(key, (met.get(key) ?? 0) + 1)
          }
    }
    expect(met.size).toBe(width * left.mapCount * right.mapCount)
    expect([...met.values()].every((count) => count === 1)).toBe(true)
  }
})

function cells(
  task: NonNullable<ReturnType<typeof cutTasks>>['slices'][number],
  stageId: number,
): [number, number][] {
  return task
    .filter((slice) => slice.stageId === stageId)
    .flatMap((slice) => {
      const found: [number, number][] = []
      for (let partition = slice.fromPartition; partition < slice.toPartition; partition++)
        for (let map = slice.fromMap; map < slice.toMap; map++) found.push([partition, map])
      return found
    })
}
