import zlib, { gunzipSync } from 'node:zlib'
import { EngineError } from '../../engine/errors.ts'
import { decompressLz4Block, decompressSnappy } from '../../engine/kernels/index.ts'
import type { Region } from '../../engine/memory/index.ts'
import type { BatchHeader } from './batch-headers.ts'

/** More than a batch of Kafka may become. */
const MOST_BYTES = 1 << 30

/** Node's zstd came with 22.15; asked for at run time. */
const { zstdDecompressSync } = zlib as unknown as {
  readonly zstdDecompressSync?: (input: Uint8Array, options: { maxOutputLength: number }) => Uint8Array
}

/**
 * The records of a compressed batch. `input` lies in the arena; what kernels make lies in `region`, which
 * ends with the batch.
 */
export function decompressBatch(
  { compression, baseOffset }: BatchHeader,
  input: Uint8Array,
  region: Region,
  place: string,
): Uint8Array {
  try {
    if (compression === 1) return gunzipSync(input, { maxOutputLength: MOST_BYTES })
    if (compression === 2) return snappy(input, region)
    if (compression === 3) return lz4Frame(input, region)
    if (compression === 4 && zstdDecompressSync !== undefined)
      return zstdDecompressSync(input, { maxOutputLength: MOST_BYTES })
  } catch (cause) {
    if (cause instanceof EngineError) throw cause
    throw new EngineError('BLOCK_CORRUPT', `the batch of ${place} at ${baseOffset} cannot be decompressed`, {
      cause,
    })
  }
  const codec = compression === 4 ? 'zstd' : `codec ${compression}`
  throw new EngineError(
    'UNSUPPORTED_FEATURE',
    `batches of ${place} are compressed with ${codec} (offset ${baseOffset})`,
    { hint: compression === 4 ? `zstd needs Node 22.15, this is ${process.version}.` : undefined },
  )
}

const SNAPPY_MAGIC = [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0]
const SNAPPY_HEADER_BYTES = 16

/** Blocks with their lengths behind a header, as Java writes it, or one raw block, as librdkafka does. */
function snappy(input: Uint8Array, region: Region): Uint8Array {
  const isFramed = SNAPPY_MAGIC.every((byte, index) => input[index] === byte)
  const blocks: Uint8Array[] = []
  if (isFramed) {
    const view = viewOf(input)
    for (let at = SNAPPY_HEADER_BYTES; at < input.length; ) {
      const length = view.getInt32(at)
      if (length < 0 || at + 4 + length > input.length) throw new Error('a block of Snappy is cut off')
      blocks.push(input.subarray(at + 4, at + 4 + length))
      at += 4 + length
    }
  } else blocks.push(input)
  return joinBlocks(
    blocks.map((bytes) => ({ bytes, length: snappyLength(bytes), isPlain: false })),
    region,
    (block, out) => decompressSnappy(region.pool, block, out),
  )
}

/** A varint at the start says it. */
function snappyLength(block: Uint8Array): number {
  let length = 0
  for (let i = 0; i < 5; i++) {
    const byte = block[i]!
    length += (byte & 127) * 2 ** (7 * i)
    if (byte < 128) return length
  }
  throw new Error('a block of Snappy has no length')
}

interface Block {
  readonly bytes: Uint8Array
  /** Of what it becomes. */
  readonly length: number
  /** It is not compressed. */
  readonly isPlain: boolean
}

const LZ4_MAGIC = 0x184d2204

/**
 * LZ4's frames: a header, blocks with their lengths, and an end mark. Kafka's writers make blocks that stand
 * alone. https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md
 */
function lz4Frame(input: Uint8Array, region: Region): Uint8Array {
  const view = viewOf(input)
  if (view.getUint32(0, true) !== LZ4_MAGIC) throw new Error('it is no frame of LZ4')
  const flags = input[4]!
  const hasChecksums = (flags & 16) !== 0
  let at = 7 + ((flags & 8) === 0 ? 0 : 8) + ((flags & 1) === 0 ? 0 : 4)
  const blocks: Block[] = []
  for (let size = view.getUint32(at, true); size !== 0; size = view.getUint32(at, true)) {
    const stored = size & 0x7fff_ffff
    const bytes = input.subarray(at + 4, at + 4 + stored)
    const isPlain = size > 0x7fff_ffff
    blocks.push({ bytes, length: isPlain ? stored : lz4Length(bytes), isPlain })
    at += 4 + stored + (hasChecksums ? 4 : 0)
  }
  if ((flags & 32) === 0 && blocks.length > 1) throw new Error('blocks of LZ4 that need others')
  return joinBlocks(blocks, region, (block, out) => decompressLz4Block(region.pool, block, out))
}

/** The length of what a block becomes, which it says nowhere: that of its literals and matches. */
function lz4Length(block: Uint8Array): number {
  let length = 0
  for (let at = 0; at < block.length; ) {
    const token = block[at++]!
    let literals = token >> 4
    if (literals === 15)
      for (let more = 255; more === 255; literals += more) more = at < block.length ? block[at++]! : 0
    at += literals
    length += literals
    // The last sequence has no match.
    if (at >= block.length) break
    at += 2
    let match = token & 15
    if (match === 15)
      for (let more = 255; more === 255; match += more) more = at < block.length ? block[at++]! : 0
    length += match + 4
  }
  return length
}

function joinBlocks(
  blocks: readonly Block[],
  region: Region,
  decompress: (block: Uint8Array, out: Uint8Array) => boolean,
): Uint8Array {
  const total = blocks.reduce((sum, { length }) => sum + length, 0)
  if (total > MOST_BYTES) throw new Error(`it would become ${total} bytes`)
  const all = region.uint8(total)
  let at = 0
  for (const { bytes, length, isPlain } of blocks) {
    const out = all.subarray(at, at + length)
    if (isPlain) out.set(bytes)
    else if (!decompress(bytes, out)) throw new Error('a block is malformed')
    at += length
  }
  return all
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}
