import { type FixedVector, flatten, halvesOf, isNull, type RecordBatch } from '../batch/index.ts'
import { assert } from '../errors.ts'
import type { EventTimeExec } from '../plan/index.ts'
import type { Operator } from './operator.ts'

/** What the newest time of a partition is before any row came. */
const NONE = Number.NEGATIVE_INFINITY

/** Notes the newest event time by partition of the source; rows without one have no part in it. */
export const eventTime: Operator<EventTimeExec> = {
  async *execute(node, [input], context): AsyncIterable<RecordBatch> {
    const newest = new Map<number, number>()
    const region = context.createRegion()
    try {
      for await (const batch of input!) {
        region.reset()
        const times = flatten(batch.columns[node.column]!, region)
        assert(times.encoding === 'fixed' || times.encoding === 'null', 'event times are of fixed width')
        if (times.encoding === 'fixed') {
          const partitions = node.partition === null ? null : flatten(batch.columns[node.partition]!, region)
          noteNewest(times, partitions as FixedVector | null, batch.rowCount, newest)
        }
        yield batch
      }
      const entries = [...newest].map(([partition, micros]) => [partition, BigInt(micros)] as const)
      const note = {
        kind: 'eventTime',
        watermark: node.watermark,
        newest: Object.fromEntries(entries),
      } as const
      if (entries.length > 0) context.leavePart({ rowCount: 0, sizeBytes: 0, data: null, note })
    } finally {
      region.free()
    }
  },
}

/** Times are added up of halves: microseconds of the next 250 years are exact in a double. */
function noteNewest(
  times: FixedVector,
  partitions: FixedVector | null,
  rowCount: number,
  newest: Map<number, number>,
): void {
  const halves = halvesOf(times.values as BigInt64Array)
  const numbers = partitions === null ? null : (partitions.values as Int32Array)
  let partition = numbers?.[0] ?? 0
  let most = newest.get(partition) ?? NONE
  for (let row = 0; row < rowCount; row++) {
    if (times.nullCount > 0 && isNull(times, row)) continue
    const own = numbers === null ? 0 : numbers[row]!
    if (own !== partition) {
      newest.set(partition, most)
      partition = own
      most = newest.get(partition) ?? NONE
    }
    const micros = halves[2 * row + 1]! * 2 ** 32 + (halves[2 * row]! >>> 0)
    if (micros > most) most = micros
  }
  if (most !== NONE) newest.set(partition, most)
}
