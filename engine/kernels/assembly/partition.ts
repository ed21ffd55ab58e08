// Rows by partition. That of an exchange comes from the upper half of a row's 64-bit hash; tables use the
// lower one from its low end, and what is spilled is parted by the lower one from its high end.

/** The partition of each row from its hash: the upper 32 bits, scaled to `partitions`. */
export function partitionsOfHashes(hashes: usize, count: i32, partitions: i32, out: usize): void {
  for (let i = 0; i < count; i++) {
    const hash = <u64>load<u32>(hashes + ((<usize>i) << 3), 4)
    store<u32>(out + ((<usize>i) << 2), <u32>((hash * <u64>partitions) >> 32))
  }
}

/** The partition of each row from bits of the lower half of its hash, from bit `shift` on. */
export function partitionsOfBits(hashes: usize, count: i32, shift: i32, mask: i32, out: usize): void {
  for (let i = 0; i < count; i++) {
    const hash = load<u32>(hashes + ((<usize>i) << 3))
    store<u32>(out + ((<usize>i) << 2), (hash >> shift) & mask)
  }
}

/**
 * Row numbers by partition, in their order: those of partition p are rows[starts[p] .. starts[p + 1]).
 * `starts` has partitions + 1 places, `next` is scratch of as many.
 */
export function rowsByPartition(
  partitionOfRow: usize,
  count: i32,
  partitions: i32,
  starts: usize,
  next: usize,
  rows: usize,
): void {
  memory.fill(next, 0, (<usize>partitions + 1) << 2)
  for (let i = 0; i < count; i++) {
    const at = next + ((<usize>load<u32>(partitionOfRow + ((<usize>i) << 2))) << 2)
    store<i32>(at, load<i32>(at) + 1)
  }
  let total = 0
  for (let p = 0; p <= partitions; p++) {
    const at = (<usize>p) << 2
    const rowCount = load<i32>(next + at)
    store<i32>(starts + at, total)
    store<i32>(next + at, total)
    total += rowCount
  }
  for (let i = 0; i < count; i++) {
    const at = next + ((<usize>load<u32>(partitionOfRow + ((<usize>i) << 2))) << 2)
    const to = load<i32>(at)
    store<i32>(rows + ((<usize>to) << 2), i)
    store<i32>(at, to + 1)
  }
}
