import type { FileSystem, StreamBatch } from '../../engine/connect/index.ts'

/** Markers of batches that stay, for replays of late ones. */
const KEPT_MARKERS = 1000

/**
 * Says that a batch of a stream is here. Its files have names that another try of the batch would give them
 * too, so a commit that was cut off half-way is simply done again.
 */
export function batchMarker(path: string, { queryId, batchId }: StreamBatch): string {
  return `${path}/_batches/${queryId}/${batchId}`
}

/** A query asks after its last batch only. */
export async function dropOldMarkers(
  fileSystem: FileSystem,
  path: string,
  stream: StreamBatch,
): Promise<void> {
  const before = batchMarker(path, { ...stream, batchId: stream.batchId - KEPT_MARKERS })
  if (stream.batchId >= KEPT_MARKERS) await fileSystem.remove(before)
}
