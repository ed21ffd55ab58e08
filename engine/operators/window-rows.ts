import { slice, type Vector } from '../batch/index.ts'
import { markKeyChanges } from '../kernels/index.ts'
import type { Region } from '../memory/index.ts'
import type { WindowGroups } from './frame-bounds.ts'
import type { TaskContext } from './operator.ts'
import { PIECE_ROWS } from './row-pieces.ts'
import type { SortWords } from './sort-words.ts'

/** Which rows begin a run of equal keys, a byte a row. Key vectors are of `rowCount` sorted rows. */
export function keyChanges(
  words: SortWords,
  keys: readonly Vector[],
  rowCount: number,
  region: Region,
  context: TaskContext,
): Uint8Array {
  const work = context.createRegion()
  try {
    const pieces = []
    // All pieces but the last are full, so that the number of a row is its id.
    for (let from = 0; from < rowCount; from += PIECE_ROWS) {
      const count = Math.min(PIECE_ROWS, rowCount - from)
      const part = keys.map((key) => (count === rowCount ? key : slice(key, from, count, work)))
      pieces.push(words.make(part, count, work, work))
    }
    const changes = region.uint8(rowCount)
    markKeyChanges(context.pool, words.tables(pieces, work), rowCount, changes)
    return changes
  } finally {
    work.free()
  }
}

/** Partitions and peers of sorted rows, from the rows that begin them. Arrays lie in `region`. */
export function windowGroups(
  partitionChanges: Uint8Array,
  peerChanges: Uint8Array,
  region: Region,
): WindowGroups & { readonly partitionNumbers: Int32Array; readonly partitionCount: number } {
  const rowCount = partitionChanges.length
  const partitionStarts = region.int32(rowCount)
  const peerStarts = region.int32(rowCount)
  const partitionNumbers = region.int32(rowCount)
  let [partition, peer, number] = [0, 0, -1]
  for (let i = 0; i < rowCount; i++) {
    if (partitionChanges[i] === 1) {
      partition = i
      peer = i
      number++
    } else if (peerChanges[i] === 1) peer = i
    partitionStarts[i] = partition
    peerStarts[i] = peer
    partitionNumbers[i] = number
  }
  return {
    rowCount,
    partitionStarts,
    partitionEnds: endsOf(partitionStarts, region),
    peerStarts,
    peerEnds: endsOf(peerStarts, region),
    partitionNumbers,
    partitionCount: number + 1,
  }
}

/** The end of each row's run, from the start of each row's run. */
function endsOf(starts: Int32Array, region: Region): Int32Array {
  const ends = region.int32(starts.length)
  for (let i = starts.length - 1; i >= 0; i--)
    ends[i] = i === starts.length - 1 || starts[i + 1] !== starts[i] ? i + 1 : ends[i + 1]!
  return ends
}
