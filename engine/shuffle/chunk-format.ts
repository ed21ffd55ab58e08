import { EngineError } from '../errors.ts'

/**
 * How rows travel between processes: a stream is a row of frames, cut into chunks of about 1 MB. Frames are
 * those of engine/batch/wire.ts, and the types and dictionaries that they need, each sent once before it.
 *
 * ```
 * chunk  | magic | CRC-32C of the words below | CRC-32C of the body | codec | bytes of the body, plain |
 * pieces |
 *        | piece … | padding to 8 | body, plain or one LZ4 block |
 * piece  | kind | space | range | number | bytes of the frame | offset within it | bytes here |
 * ```
 *
 * All words are uint32, little-endian. A body is either some whole frames, or one piece of one that is too
 * large for it. Numbers of types and dictionaries hold within a `space`: blocks of memory have the first,
 * those of each spill file another. `range` says which of the ranges asked for a block belongs to, `number`
 * its partition, or which dictionary it is. Types are JSON, and follow those sent before in their space.
 */
export const CHUNK_MAGIC = 0x3143_524d

export const CHUNK_HEAD_WORDS = 6
export const PIECE_WORDS = 7

/** Two chunks fit into the step in which a region grows. */
export const CHUNK_BODY_BYTES = (1 << 20) - (1 << 14)

export const MOST_PIECES = 512

/** A reader takes no larger ones. */
export const MOST_CHUNK_BYTES = 8 << 20

export const CODEC_PLAIN = 0
export const CODEC_LZ4 = 1

export const KIND_TYPES = 0
export const KIND_DICTIONARY = 1
export const KIND_BATCH = 2

/** Bytes before the body of a chunk of so many pieces. */
export function headBytes(pieceCount: number): number {
  return (4 * (CHUNK_HEAD_WORDS + PIECE_WORDS * pieceCount) + 7) & -8
}

/** The error of rows that did not arrive as they were sent. */
export function corruptBlock(reason: string): EngineError {
  return new EngineError('BLOCK_CORRUPT', `rows cannot be read: ${reason}`)
}
