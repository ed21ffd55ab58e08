import { randomBytes } from 'node:crypto'
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { EngineError } from '../../../engine/errors.ts'
import type { Spool } from '../links.ts'

/**
 * A spool in a file that has no name any more, so that nothing is left of it however the driver ends. Chunks
 * are about a megabyte; one is written or read in less time than the loop takes for some tasks.
 */
export function openSpoolFile(folder: string): Spool {
  const path = join(folder, `millrace-rows-${randomBytes(6).toString('hex')}`)
  const file = openSync(path, 'wx+', 0o600)
  unlinkSync(path)
  let chunks: { readonly at: number; readonly length: number }[] = []
  let end = 0
  return {
    append(chunk) {
      const { length } = chunk
      for (let done = 0; done < length; ) done += writeSync(file, chunk, done, length - done, end + done)
      chunks.push({ at: end, length })
      end += length
      return chunks.length - 1
    },
    read(number) {
      const { at, length } = chunks[number]!
      const chunk = new Uint8Array(length)
      for (let done = 0; done < length; ) {
        const read = readSync(file, chunk, done, length - done, at + done)
        if (read === 0)
          throw new EngineError('IO_ERROR', 'a file with rows of a result is shorter than it was')
        done += read
      }
      return chunk
    },
    clear() {
      chunks = []
      end = 0
    },
    close() {
      closeSync(file)
    },
  }
}
