import { afterEach, expect, test } from 'vitest'
import { MemoryPool } from '../../../engine/memory/index.ts'
import { isSpilled } from '../../../engine/shuffle/index.ts'
import { Blocks } from '../../../proto/cluster/index.ts'
import { connectGrpc } from '../../../proto/grpc/index.ts'
import {
  BlockFetcher,
  type BlockFetcherOptions,
  FetchFailedError,
  type FetchInput,
  fetchInputs,
  OutputStore,
} from '../../../worker/blocks/index.ts'
import { blockRows } from './block-rows.ts'
import {
  type Holding,
  type HoldingOptions,
  hold,
  inputOf,
  JOB,
  ROWS,
  STAGE,
  startHolding,
  TOKEN,
} from './holders.ts'
import { sampleRows } from './sample-outputs.ts'

const ends: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

async function holding(id: string, options?: HoldingOptions): Promise<Holding> {
  const made = await startHolding(id, options)
  ends.push(() => made.close())
  return made
}

/** A process that reads. */
function newReader(limitBytes = 64 << 20, options: Partial<BlockFetcherOptions> = {}) {
  const pool = MemoryPool.create({ limitBytes, poison: true })
  const store = new OutputStore({ pool, folder: null })
  const fetcher = new BlockFetcher({ token: TOKEN, pauseMs: 10, tries: 3, ...options })
  ends.push(() => fetcher.close())
  ends.push(() => pool.spill.remove())
  const read = (input: FetchInput, signal = new AbortController().signal) =>
    fetchInputs([input], { store, fetcher, selfId: 'reader', tag: 5, signal })
  return { pool, store, fetcher, read }
}

const ALL = (partitions: number, maps: number) => [
  { fromPartition: 0, toPartition: partitions, fromMap: 0, toMap: maps },
]

const rowsOf = (maps: readonly number[], partitions: readonly number[]) =>
  maps.flatMap((map) => sampleRows(map, partitions, ROWS))

test.each([false, true])(
  'blocks of several holders come in the order of maps, compressed: %o',
  async (compress) => {
    const holders = [await holding('a', { compress }), await holding('b', { compress })]
    const { pool, store, read } = newReader()
    hold(holders[0]!, [0, 3, 6], 5)
    hold(holders[1]!, [1, 4, 7], 5)
    hold({ store, pool }, [2, 5, 8], 5)
    const self = { holderId: 'reader', address: '', certificate: '' }
    const fetched = await read({
      ...inputOf([holders[0]!.holder, holders[1]!.holder, self], 9, [
        { fromPartition: 3, toPartition: 4, fromMap: 0, toMap: 9 },
        { fromPartition: 0, toPartition: 2, fromMap: 4, toMap: 7 },
      ]),
    })
    const blocks = fetched.blocks.get(9)!
    expect(blockRows(blocks, pool)).toEqual([
      ...rowsOf([0, 1, 2, 3, 4, 5, 6, 7, 8], [3]),
      ...rowsOf([4, 5, 6], [0, 1]),
    ])
    // What lies here is the same object: nothing was copied.
    const own = store.hold({ jobId: JOB, stageId: STAGE, partition: 2, attempt: 0 })!
    expect(blocks).toContain(own.partitions[3]![0])
    own.release()
    store.close()
    expect(pool.usedBytes).toBeGreaterThan(0)
    fetched.release()
    fetched.release()
    expect([pool.usedBytes, pool.spill.fileCount]).toEqual([0, 0])
  },
)

test('where memory is scarce, what arrives goes to a file, and memory stays within its limit', async () => {
  const source = await holding('a')
  hold(source, [0, 1], 2, 30_000)
  const { pool, read } = newReader(12 << 20)
  const fetched = await read(inputOf([source.holder], 2, ALL(2, 2)))
  const blocks = fetched.blocks.get(9)!
  expect(blocks.some(isSpilled)).toBe(true)
  expect(pool.peakBytes).toBeLessThan(12 << 20)
  const rows = [0, 1].flatMap((map) => sampleRows(map, [0, 1], 30_000))
  expect(blockRows(blocks, pool)).toEqual(rows)
  fetched.release()
  expect([pool.usedBytes, pool.spill.fileCount, pool.spill.usedBytes]).toEqual([0, 0, 0])
})

test('an output that is not there is named, without another try', async () => {
  const source = await holding('a')
  hold(source, [0, 2], 2)
  const { pool, read } = newReader()
  const error = await read(inputOf([source.holder], 3, ALL(2, 3))).catch((cause: unknown) => cause)
  expect(error).toBeInstanceOf(FetchFailedError)
  expect(error).toMatchObject({
    code: 'SHUFFLE_FETCH_FAILED',
    missing: { stage: 9, partition: 1, attempt: 0, executorId: 'a' },
  })
  expect([source.counts.streams, pool.usedBytes]).toEqual([1, 0])
})

test('one that should lie here and does not is missing too', async () => {
  const { read } = newReader()
  const self = { holderId: 'reader', address: '', certificate: '' }
  await expect(read(inputOf([self], 1, ALL(1, 1)))).rejects.toMatchObject({
    missing: { stage: 9, partition: 0, attempt: 0, executorId: 'reader' },
  })
})

test('a holder that cannot be reached is asked again, and then its output is missing', async () => {
  const source = await startHolding('a')
  hold(source, [0], 2)
  const { pool, read } = newReader()
  await source.close()
  await expect(read(inputOf([source.holder], 1, ALL(2, 1)))).rejects.toMatchObject({
    code: 'SHUFFLE_FETCH_FAILED',
    missing: { partition: 0, executorId: 'a' },
  })
  const nowhere = { holderId: 'gone', address: '', certificate: '' }
  await expect(read(inputOf([nowhere], 1, ALL(2, 1)))).rejects.toMatchObject({
    missing: { executorId: 'gone' },
  })
  expect(pool.usedBytes).toBe(0)
})

test('a chunk that arrives changed is fetched again, and ranges that were whole are not', async () => {
  const spoiled = new Set<number>()
  const change = (chunk: Uint8Array, number: number): Uint8Array => {
    const { streams } = source.counts
    // Of the first two streams the second chunk.
    if (number === 0 || streams > 2 || spoiled.has(streams)) return chunk
    spoiled.add(streams)
    const copy = Uint8Array.from(chunk)
    copy[copy.length >> 1]! ^= 4
    return copy
  }
  const source = await holding('a', { change })
  const maps = [0, 1, 2, 3, 4, 5]
  hold(source, maps, 2, 5000)
  const { pool, read } = newReader()
  const fetched = await read(inputOf([source.holder], 6, ALL(2, 6)))
  const rows = maps.flatMap((map) => sampleRows(map, [0, 1], 5000))
  expect(blockRows(fetched.blocks.get(9)!, pool)).toEqual(rows)
  expect([source.counts.streams, spoiled.size]).toEqual([3, 2])
  fetched.release()
  expect(pool.usedBytes).toBe(0)
})

test('a holder that only sends what is spoiled is given up', async () => {
  const source = await holding('a', { change: (chunk) => Uint8Array.from(chunk).fill(7, 60, 90) })
  hold(source, [0], 2)
  const { read } = newReader()
  await expect(read(inputOf([source.holder], 1, ALL(2, 1)))).rejects.toMatchObject({
    missing: { partition: 0 },
    cause: { code: 'BLOCK_CORRUPT' },
  })
  expect(source.counts.streams).toBe(3)
})

test('a stream that brings nothing is given up', async () => {
  const source = await holding('a')
  hold(source, [0], 1)
  const { store } = source
  const stopped = { jobId: JOB, stageId: STAGE, partition: 1, attempt: 0 }
  // It is expected, and never comes: the holder waits with its answer.
  ends.push(store.expect(stopped))
  const { fetcher, pool, store: own } = newReader(64 << 20, { idleMs: 50, tries: 2 })
  const share = { source: source.holder, passOn: false }
  const input = { ...inputOf([{ ...source.holder, holderId: 'x' }], 1, ALL(1, 1)), share }
  const signal = new AbortController().signal
  const fetched = await fetchInputs([input], { store: own, fetcher, selfId: 'reader', tag: 1, signal })
  expect(blockRows(fetched.blocks.get(9)!, pool)).toEqual(sampleRows(0, [0], ROWS))
  fetched.release()
})

test('who cancels gets no blocks, and both sides give everything back', async () => {
  const source = await holding('a')
  hold(source, [0, 1, 2, 3], 4, 20_000)
  const { pool, read } = newReader()
  const controller = new AbortController()
  const reading = read(inputOf([source.holder], 4, ALL(4, 4)), controller.signal)
  while (source.counts.chunks < 2) await new Promise((resolve) => setTimeout(resolve, 1))
  controller.abort()
  await expect(reading).rejects.toMatchObject({ code: 'CANCELLED' })
  expect(pool.usedBytes).toBe(0)
  source.store.freeJob(JOB)
  while (source.pool.usedBytes > 0) await new Promise((resolve) => setTimeout(resolve, 5))
})

test('a caller that reads nothing does not make the holder fill its memory', async () => {
  const source = await holding('a')
  hold(source, [0, 1, 2, 3, 4, 5], 2, 60_000)
  const connection = connectGrpc({
    address: source.holder.address,
    security: { token: TOKEN, tls: null },
    windowBytes: 1 << 20,
  })
  ends.push(() => connection.close())
  const ranges = [0, 1, 2, 3, 4, 5].map((map) => ({
    stage: STAGE,
    map,
    attempt: 0,
    fromPartition: 0,
    toPartition: 2,
  }))
  const stream = connection.client(Blocks).fetch({ jobId: JOB, ranges })[Symbol.asyncIterator]()
  await stream.next()
  let before = -1
  while (before !== source.counts.chunks) {
    before = source.counts.chunks
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  // One MB under way, four MB that wait at the holder, and sixteen messages that grpc-js reads ahead.
  expect(source.counts.chunks).toBeLessThan(30)
  const total = before
  let rest = 1
  while ((await stream.next()).done !== true) rest++
  expect(rest).toBeGreaterThan(total)
})

test.each([
  ['another secret', { token: 'guess' }, `${JOB}`],
  ['no secret', { token: null }, `${JOB}`],
  ['the secret of another session', {}, 's-ffffffffffff/1'],
])('%s opens no blocks, and is not tried twice', async (_, options, jobId) => {
  const source = await holding('a')
  hold(source, [0], 1)
  const { read } = newReader(64 << 20, options)
  const input = { ...inputOf([source.holder], 1, ALL(1, 1)), source: { jobId, stageId: STAGE } }
  const error = await read(input).catch((cause: unknown) => cause)
  expect(error).toMatchObject({ code: 'SHUFFLE_FETCH_FAILED', missing: { partition: 0 } })
  expect((error as FetchFailedError).cause).toMatchObject({
    code: jobId === JOB ? 'UNAUTHENTICATED' : 'PERMISSION_DENIED',
  })
  expect(source.counts.streams).toBeLessThan(2)
})
