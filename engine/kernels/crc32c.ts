import { type KernelHost, kernelsOf } from './load.ts'

interface ChecksumKernels {
  crc32c(bytes: number, length: number, before: number, tables: number): number
  crc32cTables(tables: number): void
}

/** Bytes of the tables that checksums are made with. */
export const CRC32C_TABLE_BYTES = 12_288

/** The tables as they were made first: making them takes as long as the checksum of 1 MB. */
let made: Uint8Array | null = null

/** Fills tables in the arena for `crc32c`. */
export function fillCrc32cTables(host: KernelHost, tables: Uint8Array): void {
  if (made !== null) {
    tables.set(made)
    return
  }
  kernelsOf<ChecksumKernels>(host).crc32cTables(tables.byteOffset)
  made = tables.slice()
}

/**
 * The CRC-32C of bytes of the arena, as Kafka's record batches have it. `before` is the checksum of the bytes
 * that these follow; 0: none.
 */
export function crc32c(host: KernelHost, bytes: Uint8Array, tables: Uint8Array, before = 0): number {
  const { crc32c: checksum } = kernelsOf<ChecksumKernels>(host)
  return checksum(bytes.byteOffset, bytes.length, before, tables.byteOffset) >>> 0
}
