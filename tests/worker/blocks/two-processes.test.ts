import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { MemoryPool } from '../../../engine/memory/index.ts'
import { BlockFetcher, FetchFailedError, fetchInputs, OutputStore } from '../../../worker/blocks/index.ts'
import { blockRows } from './block-rows.ts'
import { hold, inputOf, JOB, STAGE, startHolding, TOKEN } from './holders.ts'
import { sampleRows } from './sample-outputs.ts'

const PROGRAM = fileURLToPath(new URL('../../../dist/tests/worker/blocks/holder-process.js', import.meta.url))
const MAPS = 6
const ROWS = 12_000

const ends: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

async function startProcess() {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-holder-'))
  const child = fork(PROGRAM, [folder, ...[MAPS, 2, ROWS].map(String)], { stdio: 'inherit' })
  ends.push(() => rmSync(folder, { recursive: true, force: true }))
  ends.push(() => {
    child.kill('SIGKILL')
  })
  const [address] = (await once(child, 'message')) as [string] // What the program sends.
  return { folder, child, holder: { holderId: 'w/1', address, certificate: '' } }
}

function newReader() {
  const pool = MemoryPool.create({ limitBytes: 128 << 20, poison: true })
  const store = new OutputStore({ pool, folder: null })
  const fetcher = new BlockFetcher({ token: TOKEN, pauseMs: 10, tries: 3 })
  ends.push(() => fetcher.close())
  return { pool, store, fetcher, options: { store, fetcher, selfId: 'reader', tag: 5 } }
}

const SLICES = [{ fromPartition: 0, toPartition: 2, fromMap: 0, toMap: MAPS }]
const rowsOf = (maps: readonly number[]) => maps.flatMap((map) => sampleRows(map, [0, 1], ROWS))

test('what a killed process left on disk is served by another one, what it had in memory is missing', async () => {
  const { child, holder, folder } = await startProcess()
  const { pool, options } = newReader()
  const { signal } = new AbortController()
  const whole = await fetchInputs([inputOf([holder], MAPS, SLICES)], { ...options, signal })
  expect(blockRows(whole.blocks.get(9)!, pool)).toEqual(rowsOf([0, 1, 2, 3, 4, 5]))
  whole.release()
  child.kill('SIGKILL')
  await once(child, 'exit')
  const gone = fetchInputs([inputOf([holder], MAPS, SLICES)], { ...options, signal })
  await expect(gone).rejects.toBeInstanceOf(FetchFailedError)

  const heir = await startHolding('w', { folder: join(folder, 'outputs') })
  ends.push(() => heir.close())
  const keys = heir.store.openDurable()
  expect(keys.map(({ partition }) => partition).sort()).toEqual([0, 2, 4])
  const even = [0, 2, 4].map((map) => ({ fromPartition: 0, toPartition: 2, fromMap: map, toMap: map + 1 }))
  const fetched = await fetchInputs([inputOf([heir.holder], MAPS, even)], { ...options, signal })
  expect(blockRows(fetched.blocks.get(9)!, pool)).toEqual(rowsOf([0, 2, 4]))
  fetched.release()
  await expect(
    fetchInputs([inputOf([heir.holder], MAPS, SLICES)], { ...options, signal }),
  ).rejects.toMatchObject({ missing: { partition: 1, executorId: 'w' } })

  // One byte of a block on the disk: the output is as good as not there, and is gone from then on.
  const path = join(folder, 'outputs', JOB, `${STAGE}-2-0.blocks`)
  const bytes = readFileSync(path)
  bytes[bytes.length >> 2]! ^= 1
  writeFileSync(path, bytes)
  for (let i = 0; i < 2; i++)
    await expect(
      fetchInputs([inputOf([heir.holder], MAPS, even)], { ...options, signal }),
    ).rejects.toMatchObject({ missing: { partition: 2, executorId: 'w' } })
  expect(
    heir.store
      .durableKeys()
      .map(({ partition }) => partition)
      .sort(),
  ).toEqual([0, 4])
  expect(pool.usedBytes).toBe(0)
})

test('a process that is killed while it sends fails the fetch, and nothing is kept', async () => {
  const { child, holder } = await startProcess()
  const { pool, fetcher, options } = newReader()
  const { signal } = new AbortController()
  // The kill comes with the first bytes.
  const fetchOnce = fetcher.fetch.bind(fetcher)
  let bytes = 0
  fetcher.fetch = (order, context) => {
    const open = context.sink.open.bind(context.sink)
    context.sink.open = () => {
      const stream = open()
      const take = stream.take.bind(stream)
      stream.take = (chunk) => {
        bytes += chunk.length
        child.kill('SIGKILL')
        return take(chunk)
      }
      return stream
    }
    return fetchOnce(order, context)
  }
  const twice = inputOf([holder], MAPS, [...SLICES, ...SLICES, ...SLICES])
  const error = await fetchInputs([twice], { ...options, signal }).catch((cause: unknown) => cause)
  expect(error).toMatchObject({ code: 'SHUFFLE_FETCH_FAILED', missing: { executorId: 'w/1' } })
  expect(bytes).toBeGreaterThan(0)
  expect(pool.usedBytes).toBe(0)
})

test('readers of the same rows pass them on: the holder serves one of them', async () => {
  const origin = await startHolding('origin')
  ends.push(() => origin.close())
  hold(origin, [0, 1, 2], 1, 2000)
  const readers = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((id) => startHolding(id)))
  for (const reader of readers) ends.push(() => reader.close())
  const slices = [{ fromPartition: 0, toPartition: 1, fromMap: 0, toMap: 3 }]
  const shareOf = (index: number) => ({
    source: index === 0 ? null : readers[(index - 1) >> 1]!.holder,
    passOn: 2 * index + 1 < readers.length,
  })
  const { fetcher } = newReader()
  const { signal } = new AbortController()
  const fetches = readers.map(({ store, holder }, index) =>
    fetchInputs([{ ...inputOf([origin.holder], 3, slices), share: shareOf(index) }], {
      store,
      fetcher,
      selfId: holder.holderId,
      tag: 1,
      signal,
    }),
  )
  const fetched = await Promise.all(fetches)
  for (const [i, { blocks, release }] of fetched.entries()) {
    const { pool } = readers[i]!
    expect(blockRows(blocks.get(9)!, pool)).toEqual([0, 1, 2].flatMap((map) => sampleRows(map, [0], 2000)))
    release()
  }
  expect(origin.counts.streams).toBe(1)
  expect(readers.map(({ counts }) => counts.streams)).toEqual([2, 2, 0, 0, 0])
  for (const [index, { store, pool }] of readers.entries()) {
    expect(pool.usedBytes > 0).toBe(index < 2)
    store.freeStage(JOB, STAGE)
    expect(pool.usedBytes).toBe(0)
  }
})

test('a reader whose source has no copy asks the holders', async () => {
  const origin = await startHolding('origin')
  ends.push(() => origin.close())
  hold(origin, [0], 1)
  const dead = { holderId: 'dead', address: '127.0.0.1:1', certificate: '' }
  const idle = await startHolding('idle')
  ends.push(() => idle.close())
  const { options, pool } = newReader()
  const { signal } = new AbortController()
  for (const source of [dead, idle.holder]) {
    const input = {
      ...inputOf([origin.holder], 1, [{ fromPartition: 0, toPartition: 1, fromMap: 0, toMap: 1 }]),
      share: { source, passOn: true },
    }
    const { blocks, release } = await fetchInputs([input], { ...options, signal })
    expect(blockRows(blocks.get(9)!, pool)).toEqual(sampleRows(0, [0], 300))
    release()
    options.store.freeCopies()
    expect(pool.usedBytes).toBe(0)
  }
})
