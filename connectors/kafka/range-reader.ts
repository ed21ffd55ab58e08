import type { SourceContext } from '../../engine/connect/index.ts'
import { EngineError } from '../../engine/errors.ts'
import { CRC32C_TABLE_BYTES, fillCrc32cTables } from '../../engine/kernels/index.ts'
import type { Region } from '../../engine/memory/index.ts'
import type { FetchedRecords } from '../payload/index.ts'
import { type AbortedTransaction, type BatchHeader, batchesThatCount, batchHeaders } from './batch-headers.ts'
import { BrokerError, checkBrokerError, OFFSET_OUT_OF_RANGE } from './broker-errors.ts'
import {
  EARLIEST,
  type KafkaAccess,
  keyOf,
  leaderOf,
  listOffsets,
  partitionsOf,
  withRetries,
} from './cluster.ts'
import { giveBackConnection, type KafkaConnection, lendConnection } from './connection.ts'
import { decompressBatch } from './decompress.ts'
import { type OffsetRange, RecordRun } from './record-runs.ts'
import { type RequestWriter, ResponseReader } from './wire.ts'

/** What a split is. Plain data. */
export interface KafkaPiece extends OffsetRange {
  /** The leader when it was planned. */
  readonly address: string | null
}

export interface ReadingOptions {
  /** Most bytes of one answer; a single larger batch comes whole. */
  readonly fetchBytes: number
  /** Offsets that are gone are an error; else they are passed over. */
  readonly failOnDataLoss: boolean
}

/** An answer: whole batches, and where the next begins. */
interface Fetched {
  readonly batches: readonly BatchHeader[]
  readonly records: Uint8Array
  readonly nextOffset: number
}

/** How long a broker may wait for records that are not there. */
const MOST_WAIT_MS = 250

/**
 * Records of an offset range, answer by answer: the next is fetched while one is read. What is yielded is to
 * be read before the next is asked for.
 */
export async function* readRange(
  access: KafkaAccess,
  piece: KafkaPiece,
  options: ReadingOptions,
  context: SourceContext,
): AsyncIterable<Iterable<FetchedRecords>> {
  const regions = [context.createRegion(), context.createRegion()] as const
  const scratch = context.createRegion()
  const fetcher = new Fetcher(access, piece, options, context, scratch)
  try {
    const unpacked = context.createRegion()
    try {
      let turn = 0
      let coming: Promise<Fetched> | null = fetcher.fetch(piece.from, regions[0])
      while (coming !== null) {
        const { batches, records, nextOffset }: Fetched = await coming
        context.checkCancelled()
        turn = 1 - turn
        coming = nextOffset < piece.to ? fetcher.fetch(nextOffset, regions[turn as 0 | 1]) : null
        // It is awaited in the next round, or not at all if the reader stops here.
        coming?.catch(() => {})
        yield recordsOf(piece, batches, records, unpacked)
      }
    } finally {
      fetcher.close()
      unpacked.free()
    }
  } finally {
    for (const region of [...regions, scratch]) region.free()
  }
}

function* recordsOf(
  piece: KafkaPiece,
  batches: readonly BatchHeader[],
  records: Uint8Array,
  unpacked: Region,
): Iterable<FetchedRecords> {
  const run = new RecordRun(piece)
  for (const batch of batches) {
    if (batch.nextOffset <= piece.from || batch.baseOffset >= piece.to) continue
    if (batch.compression === 0) yield* run.add(batch, records, batch.start, batch.end)
    else {
      yield* run.finish()
      unpacked.reset()
      const packed = records.subarray(batch.start, batch.end)
      const bytes = decompressBatch(batch, packed, unpacked, keyOf(piece))
      yield* run.add(batch, bytes, 0, bytes.length)
    }
  }
  yield* run.finish()
}

class Fetcher {
  readonly #access: KafkaAccess
  readonly #piece: KafkaPiece
  readonly #options: ReadingOptions
  readonly #context: SourceContext
  readonly #tables: Uint8Array
  #address: string | null
  #connection: KafkaConnection | null = null
  #isClosed = false

  constructor(
    access: KafkaAccess,
    piece: KafkaPiece,
    options: ReadingOptions,
    context: SourceContext,
    region: Region,
  ) {
    this.#access = access
    this.#piece = piece
    this.#options = options
    this.#context = context
    this.#address = piece.address
    this.#tables = region.uint8(CRC32C_TABLE_BYTES)
    fillCrc32cTables(context.pool, this.#tables)
  }

  /** One answer from an offset on, into a region that nothing else is in. */
  async fetch(offset: number, region: Region): Promise<Fetched> {
    let from = offset
    return await withRetries(this.#access.timeoutMs, async (timeoutMs) => {
      if (this.#isClosed) throw new EngineError('CANCELLED', 'the reader was closed')
      try {
        return await this.#attempt(from, region, timeoutMs)
      } catch (error) {
        if (error instanceof BrokerError && error.number === OFFSET_OUT_OF_RANGE) {
          from = await this.#passOver(from, error)
          if (from >= this.#piece.to) return { batches: [], records: new Uint8Array(0), nextOffset: from }
          throw new EngineError('IO_ERROR', `offsets of ${keyOf(this.#piece)} are gone`, { cause: error })
        }
        this.#drop()
        this.#address = null
        throw error
      }
    })
  }

  close(): void {
    this.#isClosed = true
    this.#drop()
  }

  #drop(): void {
    if (this.#connection !== null) giveBackConnection(this.#connection)
    this.#connection = null
  }

  async #attempt(offset: number, region: Region, timeoutMs: number): Promise<Fetched> {
    const { topic, partition } = this.#piece
    if (this.#connection === null) {
      const connection = await lendConnection(this.#address ?? (await this.#leader(timeoutMs)), timeoutMs)
      if (this.#isClosed) {
        giveBackConnection(connection)
        throw new EngineError('CANCELLED', 'the reader was closed')
      }
      this.#connection = connection
    }
    region.reset()
    const bytes = await this.#connection.request('fetch', (writer) => this.#write(writer, offset), {
      timeoutMs,
      allocate: (length) => region.uint8(length),
    })
    this.#context.count('bytesRead', bytes.length)
    const place = `${topic}/${partition}`
    const { aborted, records } = readAnswer(bytes, place)
    const headers = batchHeaders(records, this.#context.pool, this.#tables, place)
    const last = headers.at(-1)
    if (last === undefined)
      throw new EngineError('IO_ERROR', `no records of ${place} came from offset ${offset} on`)
    const batches = batchesThatCount(headers, this.#access.isCommittedOnly ? aborted : [])
    return { batches, records, nextOffset: last.nextOffset }
  }

  #write(writer: RequestWriter, offset: number): void {
    const { topic, partition } = this.#piece
    const { fetchBytes } = this.#options
    writer.int32(-1).int32(MOST_WAIT_MS).int32(1).int32(fetchBytes)
    // No fetch session: each request says all it wants.
    writer
      .int8(this.#access.isCommittedOnly ? 1 : 0)
      .int32(0)
      .int32(-1)
    writer.array([topic], () => {
      writer.text(topic).array([partition], () => {
        writer.int32(partition).int32(-1).int64(offset).int64(-1).int32(fetchBytes)
      })
    })
    writer.array([], () => {}).text('')
  }

  async #leader(timeoutMs: number): Promise<string> {
    const { topic, partition } = this.#piece
    const leaders = await partitionsOf({ ...this.#access, timeoutMs }, [topic])
    return leaderOf(leaders.find((leader) => leader.partition === partition)?.address, this.#piece)
  }

  /** The first wanted offset that is still there; KAFKA_DATA_LOSS if offsets must not be missing. */
  async #passOver(offset: number, cause: BrokerError): Promise<number> {
    const [earliest] = await listOffsets(this.#access, [this.#piece], EARLIEST)
    // Behind the end: the topic was made anew, and what was there is gone as a whole.
    const next = earliest! > offset ? Math.min(earliest!, this.#piece.to) : this.#piece.to
    if (this.#options.failOnDataLoss)
      throw new EngineError(
        'KAFKA_DATA_LOSS',
        `offset ${offset} of ${keyOf(this.#piece)} is not there; the first is ${earliest}`,
        {
          hint: 'Records were deleted before they were read. failOnDataLoss=false passes over them.',
          cause,
        },
      )
    this.#context.count('lostRows', next - offset)
    return next
  }
}

function readAnswer(
  bytes: Uint8Array,
  place: string,
): { readonly aborted: readonly AbortedTransaction[]; readonly records: Uint8Array } {
  const answer = new ResponseReader(bytes)
  answer.int32()
  checkBrokerError(answer.int16(), `reading ${place}`)
  answer.int32()
  const topics = answer.array(() => {
    answer.text()
    return answer.array(() => {
      answer.int32()
      checkBrokerError(answer.int16(), `reading ${place}`)
      for (let offset = 0; offset < 3; offset++) answer.int64()
      const aborted = answer.array(() => ({ producerId: answer.int64(), firstOffset: answer.int64() }))
      answer.int32()
      return { aborted, records: answer.bytes() }
    })
  })
  const only = topics[0]?.[0]
  if (only === undefined) throw new EngineError('IO_ERROR', `reading ${place}: the answer is empty`)
  return only
}
