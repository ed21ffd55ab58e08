import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf'
import { EngineError } from '../../engine/errors.ts'
import { type Chunk, ChunkSchema } from '../cluster/index.ts'

/** A message of one type as bytes, and back. */
export interface MessageCodec<Schema extends DescMessage> {
  encode(message: MessageInitShape<Schema>): Buffer
  /** The message may hold views of `bytes`. PROTOCOL_ERROR if they are none of this type. */
  decode(bytes: Buffer): MessageShape<Schema>
}

/**
 * Chunks have a codec of their own, which copies their bytes once on the way out and not at all on the way
 * in.
 */
export function messageCodec<Schema extends DescMessage>(schema: Schema): MessageCodec<Schema> {
  // The cast holds: the schema is that of chunks.
  if (schema.typeName === ChunkSchema.typeName) return CHUNKS as unknown as MessageCodec<Schema>
  return {
    encode(message) {
      const bytes = toBinary(schema, create(schema, message))
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    },
    decode(bytes) {
      try {
        return fromBinary(schema, bytes)
      } catch (cause) {
        throw malformed(schema, cause)
      }
    },
  }
}

/** First byte of a chunk's only field: number 1, of bytes. */
const BYTES_FIELD = 0x0a

const CHUNKS: MessageCodec<typeof ChunkSchema> = {
  encode({ bytes = new Uint8Array(0) }) {
    const size = bytes.length
    const sizeBytes = size < 2 ** 7 ? 1 : size < 2 ** 14 ? 2 : size < 2 ** 21 ? 3 : size < 2 ** 28 ? 4 : 5
    const buffer = Buffer.allocUnsafe(1 + sizeBytes + size)
    buffer[0] = BYTES_FIELD
    let rest = size
    for (let i = 1; i < sizeBytes; i++) {
      buffer[i] = (rest & 127) | 128
      rest >>>= 7
    }
    buffer[sizeBytes] = rest
    buffer.set(bytes, 1 + sizeBytes)
    return buffer
  },
  decode(bytes): Chunk {
    if (bytes.length === 0) return create(ChunkSchema)
    let size = 0
    let at = 1
    for (let factor = 1; at < 6; factor *= 128) {
      const byte = bytes[at++] ?? 0
      size += (byte & 127) * factor
      if (byte < 128) break
    }
    if (bytes[0] !== BYTES_FIELD || at + size !== bytes.length) throw malformed(ChunkSchema, null)
    return create(ChunkSchema, { bytes: bytes.subarray(at) })
  },
}

function malformed(schema: DescMessage, cause: unknown): EngineError {
  const reason = cause instanceof Error ? `: ${cause.message}` : ''
  return new EngineError('PROTOCOL_ERROR', `malformed message: not a ${schema.typeName}${reason}`, { cause })
}
