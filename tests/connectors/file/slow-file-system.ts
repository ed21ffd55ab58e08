import { setImmediate } from 'node:timers/promises'
import { localFileSystem } from '../../../connectors/file/local-file-system.ts'
import type { FileSystem, RandomAccessFile } from '../../../engine/connect/index.ts'
import { EngineError } from '../../../engine/errors.ts'

/**
 * Local files whose bytes come some turns of the event loop later, piece by piece and in any order of reads;
 * a share of the reads fails.
 */
export function slowFileSystem(random: () => number, failingShare: number): FileSystem {
  const slow = (file: RandomAccessFile): RandomAccessFile => {
    let underWay = 0
    const read: RandomAccessFile['read'] = async (offset, into, { signal } = {}) => {
      const fails = random() < failingShare
      for (let done = 0; done < into.length; ) {
        for (let turns = Math.floor(random() * 6); turns > 0; turns--) await setImmediate()
        signal?.throwIfAborted()
        const piece = into.subarray(done, done + 1 + Math.floor(random() * into.length))
        await file.read(offset + done, piece)
        done += piece.length
        if (fails && random() < 0.5) break
      }
      if (fails) throw new EngineError('IO_ERROR', 'the line is cut')
    }
    return {
      path: file.path,
      sizeBytes: file.sizeBytes,
      latency: 'high',
      async read(...args) {
        underWay++
        await read(...args).finally(() => underWay--)
      },
      async close() {
        await file.close()
        if (underWay > 0) throw new Error('the file is closed while it is read')
      },
    }
  }
  return {
    ...localFileSystem,
    latency: 'high',
    open: async (path) => slow(await localFileSystem.open(path)),
  }
}
