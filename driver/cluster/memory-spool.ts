import type { Spool } from './links.ts'

/** A spool without a disk, for loops that are small or simulated. */
export function memorySpool(): Spool {
  let chunks: Uint8Array[] = []
  const clear = (): void => {
    chunks = []
  }
  return { append: (chunk) => chunks.push(chunk) - 1, read: (number) => chunks[number]!, clear, close: clear }
}
