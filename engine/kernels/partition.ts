import { type KernelHost, kernelsOf } from './load.ts'

/** Rows by partition, over addresses of the arena; see assembly/partition.ts. */
export interface PartitionKernels {
  /** From 64-bit hashes to partition numbers (int32). */
  partitionsOfHashes(hashes: number, count: number, partitions: number, out: number): void
  /** From bits of the lower halves of hashes. */
  partitionsOfBits(hashes: number, count: number, shift: number, mask: number, out: number): void
  /** Row numbers by partition; `starts` and `next` (scratch) have partitions + 1 places. */
  rowsByPartition(
    partitionOfRow: number,
    count: number,
    partitions: number,
    starts: number,
    next: number,
    rows: number,
  ): void
}

/** The kernels of this family. */
export function partitionKernels(host: KernelHost): PartitionKernels {
  return kernelsOf<PartitionKernels>(host)
}
