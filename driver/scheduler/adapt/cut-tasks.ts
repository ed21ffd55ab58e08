import type { InputSlice } from '../cluster-events.ts'
import type { AdaptSettings } from './adapt-settings.ts'
import type { SplittableJoin } from './partitioned-reads.ts'
import { sizeText } from './size-text.ts'

/** Sizes of an input that is read partition by partition. */
export interface InputSizes {
  readonly stageId: number
  readonly mapCount: number
  readonly partitionBytes: ArrayLike<number>
  bytesOf(map: number, partition: number): number
}

/** What the tasks of a stage read, and what was changed, for people. */
export interface CutTasks {
  readonly slices: readonly (readonly InputSlice[])[]
  readonly changes: readonly string[]
}

interface Range {
  readonly from: number
  readonly to: number
}

/**
 * Tasks for the partitions of some inputs: neighbours that are small are read by one, one that is skewed is
 * split by maps if `join` lets it be. Null: one task a partition is right.
 */
export function cutTasks(
  inputs: readonly InputSizes[],
  partitionCount: number,
  join: SplittableJoin | null,
  slots: number,
  settings: AdaptSettings,
): CutTasks | null {
  const total = Float64Array.from({ length: partitionCount }, (_, partition) =>
    inputs.reduce((sum, input) => sum + (input.partitionBytes[partition] ?? 0), 0),
  )
  const skewed = join === null ? [] : skewedSides(inputs, join, settings)
  const target = targetOf(total, slots, settings)
  const tasks: InputSlice[][] = []
  const changes: string[] = []
  let [first, bytes] = [0, 0]
  let merged = 0
  const flush = (to: number): void => {
    if (to > first) tasks.push(inputs.map((input) => whole(input, { from: first, to })))
    if (to > first + 1) merged += to - first
    first = to
    bytes = 0
  }
  for (let partition = 0; partition < partitionCount; partition++) {
    const sides = skewed.filter((side) => side.partitions.has(partition))
    const isFull = bytes > 0 && bytes + total[partition]! > target
    if (isFull || sides.length > 0) flush(partition)
    bytes += total[partition]!
    if (sides.length === 0) continue
    const parts = splitPartition(inputs, sides, partition, settings)
    tasks.push(...parts)
    changes.push(`partition ${partition} of ${sizeText(total[partition]!)} is split in ${parts.length}`)
    first = partition + 1
    bytes = 0
  }
  flush(partitionCount)
  if (merged > 0)
    changes.unshift(
      `${partitionCount} partitions of ${sizeText(sum(total))} are read by ${tasks.length} tasks`,
    )
  return changes.length === 0 ? null : { slices: tasks, changes }
}

/** All slots get work, as far as tasks do not become too small. */
function targetOf(total: Float64Array, slots: number, { targetBytes, leastBytes }: AdaptSettings): number {
  return Math.min(targetBytes, Math.max(leastBytes, Math.ceil(sum(total) / Math.max(1, slots))))
}

interface SkewedSide {
  readonly stageId: number
  readonly partitions: ReadonlySet<number>
}

function skewedSides(
  inputs: readonly InputSizes[],
  join: SplittableJoin,
  settings: AdaptSettings,
): SkewedSide[] {
  const sides: SkewedSide[] = []
  for (const { stageId, partitionBytes, mapCount } of inputs) {
    const splits = stageId === join.left ? join.splitsLeft : stageId === join.right && join.splitsRight
    if (!splits || mapCount < 2) continue
    const sorted = Float64Array.from(partitionBytes).sort()
    const median = sorted[sorted.length >> 1] ?? 0
    const limit = Math.max(settings.skewBytes, settings.skewFactor * median)
    const partitions = new Set<number>()
    for (let at = 0; at < partitionBytes.length; at++) if (partitionBytes[at]! > limit) partitions.add(at)
    if (partitions.size > 0) sides.push({ stageId, partitions })
  }
  return sides
}

/** Every part of one side with every part of the other. */
function splitPartition(
  inputs: readonly InputSizes[],
  sides: readonly SkewedSide[],
  partition: number,
  settings: AdaptSettings,
): InputSlice[][] {
  let tasks: InputSlice[][] = [[]]
  for (const input of inputs) {
    const isSkewed = sides.some(({ stageId }) => stageId === input.stageId)
    const maps = isSkewed
      ? mapRanges(input, partition, settings.targetBytes)
      : [{ from: 0, to: input.mapCount }]
    const slices = maps.map(({ from, to }) => ({
      stageId: input.stageId,
      fromPartition: partition,
      toPartition: partition + 1,
      fromMap: from,
      toMap: to,
    }))
    tasks = tasks.flatMap((task) => slices.map((slice) => [...task, slice]))
  }
  return tasks
}

/** Neighbouring maps with about `target` bytes for the partition each. */
function mapRanges({ mapCount, bytesOf }: InputSizes, partition: number, target: number): Range[] {
  const ranges: Range[] = []
  let [from, bytes] = [0, 0]
  for (let map = 0; map < mapCount; map++) {
    const own = bytesOf(map, partition)
    if (bytes > 0 && bytes + own > target) {
      ranges.push({ from, to: map })
      from = map
      bytes = 0
    }
    bytes += own
  }
  return [...ranges, { from, to: mapCount }]
}

function whole({ stageId, mapCount }: InputSizes, { from, to }: Range): InputSlice {
  return { stageId, fromPartition: from, toPartition: to, fromMap: 0, toMap: mapCount }
}

function sum(values: Float64Array): number {
  let total = 0
  for (const value of values) total += value
  return total
}
