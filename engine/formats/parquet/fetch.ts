import type { RandomAccessFile } from '../../connect/index.ts'
import type { Region } from '../../memory/index.ts'
import type { ByteRange } from './metadata.ts'

/** Ranges closer than this are read together: a seek costs more than the bytes between. */
const GAP_BYTES = 65_536

/** The largest single read. */
const MAX_READ_BYTES = 64 << 20

/** Reads byte ranges, neighbours in one go, into `region`; gives their bytes in the order of `ranges`. */
export async function fetchChunks(
  file: RandomAccessFile,
  ranges: readonly ByteRange[],
  region: Region,
): Promise<Uint8Array[]> {
  const order = ranges.map((_, index) => index).sort((a, b) => ranges[a]!.offset - ranges[b]!.offset)
  const bytes: Uint8Array[] = []
  for (let next = 0; next < order.length; ) {
    const first = next
    const start = ranges[order[first]!]!.offset
    let end = start
    for (; next < order.length; next++) {
      const { offset, sizeBytes } = ranges[order[next]!]!
      const larger = Math.max(end, offset + sizeBytes)
      if (next > first && (offset > end + GAP_BYTES || larger - start > MAX_READ_BYTES)) break
      end = larger
    }
    const buffer = region.uint8(end - start)
    await file.read(start, buffer)
    for (const index of order.slice(first, next)) {
      const { offset, sizeBytes } = ranges[index]!
      bytes[index] = buffer.subarray(offset - start, offset - start + sizeBytes)
    }
  }
  return bytes
}
