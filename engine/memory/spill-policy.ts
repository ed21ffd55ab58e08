/** How much memory there may be, and is. */
export interface MemoryUse {
  readonly limitBytes: number
  readonly usedBytes: number
}

/** Less than this part of the limit is not worth a file. */
const LEAST_SPILL = 1 / 64

/**
 * Free for batches on their way: 1/16 of the limit, but up to a quarter of a small one; batches are not
 * smaller there.
 */
const RESERVE = 1 / 16
const LARGEST_RESERVE = 1 / 4
const BATCHES_BYTES = 32 << 20

const SCARCE = 1 / 4

/**
 * Whether an operator that holds `heldBytes` should spill them before it takes `extraBytes` more. It may hold
 * as much as is still free, less a reserve for batches on their way: so operators that come later always find
 * memory, without knowing of each other. `keepFree`: the part of the limit that must stay free as well.
 */
export function shouldSpill(
  { limitBytes, usedBytes }: MemoryUse,
  heldBytes: number,
  extraBytes: number,
  keepFree: number,
): boolean {
  if (heldBytes < limitBytes * LEAST_SPILL) return false
  const reserve = Math.max(limitBytes * RESERVE, Math.min(limitBytes * LARGEST_RESERVE, BATCHES_BYTES))
  const free = limitBytes - usedBytes - reserve - extraBytes
  return heldBytes + extraBytes > free || free < limitBytes * keepFree
}

/** Whether less than a quarter of the limit is free. */
export function isScarce({ limitBytes, usedBytes }: MemoryUse): boolean {
  return limitBytes - usedBytes < limitBytes * SCARCE
}
