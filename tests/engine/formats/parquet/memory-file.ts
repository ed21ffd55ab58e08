import type { RandomAccessFile } from '../../../../engine/connect/index.ts'
import { EngineError } from '../../../../engine/errors.ts'

/** A file that is a buffer. */
export function memoryFile(bytes: Uint8Array, path = 'memory.parquet'): RandomAccessFile {
  return {
    path,
    sizeBytes: bytes.length,
    latency: 'low',
    async read(offset, into) {
      if (offset + into.length > bytes.length) throw new EngineError('IO_ERROR', `file "${path}" ends early`)
      into.set(bytes.subarray(offset, offset + into.length))
    },
    close: async () => {},
  }
}
