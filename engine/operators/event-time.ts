import {
  type FixedVector,
  flatten,
  halvesOf,
  isNull,
  type RecordBatch,
  type Vector,
  valueReader,
} from '../batch/index.ts'
import { assert } from '../errors.ts'
import type { EventTimeExec } from '../plan/index.ts'
import type { Operator } from './operator.ts'

/** Notes the newest event time by partition of the source; rows without one have no part in it. */
export const eventTime: Operator<EventTimeExec> = {
  async *execute(node, [input], context): AsyncIterable<RecordBatch> {
    const newest = new Map<string, number>()
    const region = context.createRegion()
    try {
      for await (const batch of input!) {
        region.reset()
        const times = flatten(batch.columns[node.column]!, region)
        assert(times.encoding === 'fixed' || times.encoding === 'null', 'event times are of fixed width')
        const keys = node.partition.map((index) => batch.columns[index]!)
        if (times.encoding !== 'fixed') yield batch
        else {
          if (keys.every(({ encoding }) => encoding === 'constant')) noteWhole(times, keys, newest)
          else noteRows(times, keys, newest)
          yield batch
        }
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

/** A batch of one partition, as sources give them. */
function noteWhole(times: FixedVector, keys: readonly Vector[], newest: Map<string, number>): void {
  let most = Number.NEGATIVE_INFINITY
  const halves = halvesOf(times.values as BigInt64Array)
  for (let row = 0; row < times.length; row++) {
    if (times.nullCount > 0 && isNull(times, row)) continue
    const micros = microsAt(halves, row)
    if (micros > most) most = micros
  }
  if (times.length > 0) note(keys.map((key) => valueReader(key)(0)).join('/'), most, newest)
}

function noteRows(times: FixedVector, keys: readonly Vector[], newest: Map<string, number>): void {
  const readers = keys.map(valueReader)
  const halves = halvesOf(times.values as BigInt64Array)
  for (let row = 0; row < times.length; row++) {
    if (times.nullCount > 0 && isNull(times, row)) continue
    note(readers.map((read) => read(row)).join('/'), microsAt(halves, row), newest)
  }
}

function note(partition: string, micros: number, newest: Map<string, number>): void {
  if (micros > (newest.get(partition) ?? Number.NEGATIVE_INFINITY)) newest.set(partition, micros)
}

/** Added up of halves: microseconds of the next 250 years are exact in a double. */
function microsAt(halves: Int32Array, row: number): number {
  return halves[2 * row + 1]! * 2 ** 32 + (halves[2 * row]! >>> 0)
}
