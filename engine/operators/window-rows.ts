import type { WindowGroups } from './frame-bounds.ts'
import { sameWords } from './row-order.ts'

/** Partitions and peers of sorted rows: runs of rows that agree in the words of the keys. */
export function windowGroups(
  partitionWords: readonly Uint32Array[],
  orderWords: readonly Uint32Array[],
  indices: Int32Array,
): WindowGroups & { readonly partitionNumbers: Int32Array; readonly partitionCount: number } {
  const rowCount = indices.length
  const partitionStarts = new Int32Array(rowCount)
  const peerStarts = new Int32Array(rowCount)
  const partitionNumbers = new Int32Array(rowCount)
  let partitionCount = 0
  for (let i = 0; i < rowCount; i++) {
    const isNew = i === 0 || !sameWords(partitionWords, indices[i - 1]!, indices[i]!)
    if (isNew) partitionCount++
    const isPeer = !isNew && sameWords(orderWords, indices[i - 1]!, indices[i]!)
    partitionStarts[i] = isNew ? i : partitionStarts[i - 1]!
    peerStarts[i] = isPeer ? peerStarts[i - 1]! : i
    partitionNumbers[i] = partitionCount - 1
  }
  return {
    rowCount,
    partitionStarts,
    partitionEnds: endsOf(partitionStarts),
    peerStarts,
    peerEnds: endsOf(peerStarts),
    partitionNumbers,
    partitionCount,
  }
}

/** The end of each row's run, from the start of each row's run. */
function endsOf(starts: Int32Array): Int32Array {
  const ends = new Int32Array(starts.length)
  for (let i = starts.length - 1; i >= 0; i--)
    ends[i] = i === starts.length - 1 || starts[i + 1] !== starts[i] ? i + 1 : ends[i + 1]!
  return ends
}
