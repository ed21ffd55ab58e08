import type { MemoryPool } from '../../engine/memory/index.ts'
import { ChunkWriter, isSpilled, type ShuffleBlock } from '../../engine/shuffle/index.ts'

/**
 * Reads the blocks that were written to disk with checksums, for a reader in this process, which does not
 * look at these: those for other processes are tested while they are sent. BLOCK_CORRUPT if one has changed.
 */
export function checkStored(blocks: readonly ShuffleBlock[], pool: MemoryPool): void {
  const stored = blocks.filter((block) => isSpilled(block) && block.checksum !== undefined)
  if (stored.length === 0) return
  const writer = new ChunkWriter(pool)
  try {
    // Making chunks of them tests each frame; nobody wants the chunks.
    for (const _chunk of writer.write(stored.map((block) => ({ range: 0, partition: 0, block }))));
  } finally {
    writer.free()
  }
}
