/** Row numbers by partition, each in order. */
export function rowsByPartitionTwin(partitionOfRow: readonly number[], partitions: number): number[][] {
  const rows = Array.from({ length: partitions }, (): number[] => [])
  for (const [row, partition] of partitionOfRow.entries()) rows[partition]!.push(row)
  return rows
}
