/** The bytes of a file, or of a part of it, in order. Unpacked and turned into UTF-8. */
export interface ByteInput {
  /** Path, for messages. */
  readonly file: string
  /** Offset in the file, before unpacking is undone, of the first byte. */
  readonly offset: number
  /** Puts the next bytes into `into` and gives their number: 0 only at the end. */
  read(into: Uint8Array): Promise<number>
  /** How many bytes in the (unpacked) file a stretch of our UTF-8 takes: differs for other charsets. */
  rawLength(bytes: Uint8Array, start: number, end: number): number
  close(): Promise<void>
}

/** An input over bytes in memory; for tests and samples. */
export function memoryInput(bytes: Uint8Array, file = 'memory', offset = 0): ByteInput {
  let position = 0
  return {
    file,
    offset,
    async read(into) {
      const count = Math.min(into.length, bytes.length - position)
      into.set(bytes.subarray(position, position + count))
      position += count
      return count
    },
    rawLength: (_bytes, start, end) => end - start,
    async close() {},
  }
}
