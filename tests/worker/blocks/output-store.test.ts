import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { MemoryPool } from '../../../engine/memory/index.ts'
import { ChunkReader } from '../../../engine/shuffle/index.ts'
import { type OutputKey, OutputStore } from '../../../worker/blocks/index.ts'
import { blockRows } from './block-rows.ts'
import { sampleOutput, sampleRows, valuesOf } from './sample-outputs.ts'

const folder = mkdtempSync(join(tmpdir(), 'millrace-outputs-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const JOB = 's-0123456789ab/7'
const keyOf = (partition: number, jobId = JOB): OutputKey => ({ jobId, stageId: 2, partition, attempt: 1 })

function newStore(disk: boolean, limitBytes = 64 << 20): { store: OutputStore; pool: MemoryPool } {
  const pool = MemoryPool.create({ limitBytes, poison: true, localDir: folder })
  return { pool, store: new OutputStore({ pool, folder: disk ? join(folder, 'outputs') : null }) }
}

test('an output stays while someone holds it, and its memory is given back after', () => {
  const { store, pool } = newStore(false)
  const sizes = store.add(keyOf(0), sampleOutput(pool, 3, 5, 4, 100))
  expect(sizes).toMatchObject({ partitionRows: [199, 199, 199, 199], durable: false })
  expect(sizes.partitionBytes.every((bytes) => bytes > 199 * 16)).toBe(true)
  const held = store.hold(keyOf(0))!
  store.freeStage(JOB, 2)
  expect(store.hold(keyOf(0))).toBeNull()
  expect(blockRows(held.partitions[3]!, pool)).toEqual(sampleRows(5, [3], 100))
  held.release()
  held.release()
  expect(pool.usedBytes).toBe(0)
})

test.each([
  ['stage', (store: OutputStore) => store.freeStage(JOB, 2)],
  ['job', (store: OutputStore) => store.freeJob(JOB)],
  ['session', (store: OutputStore) => store.freeSession('s-0123456789ab')],
])('outputs are freed by %s, and others stay', (_, free) => {
  const { store, pool } = newStore(false)
  for (let i = 0; i < 3; i++) store.add(keyOf(i), sampleOutput(pool, 3, i, 2, 10))
  store.add(keyOf(0, 's-ffffffffffff/7'), sampleOutput(pool, 3, 9, 2, 10))
  free(store)
  expect([0, 1, 2].map((i) => store.hold(keyOf(i)))).toEqual([null, null, null])
  const other = store.hold(keyOf(0, 's-ffffffffffff/7'))!
  expect(blockRows(other.partitions[1]!, pool)).toEqual(sampleRows(9, [1], 10))
  other.release()
  store.close()
  expect(pool.usedBytes).toBe(0)
})

test('small outputs are given as chunks, large ones are not', () => {
  const { store, pool } = newStore(false)
  store.add(keyOf(0), sampleOutput(pool, 3, 1, 1, 20))
  const chunks = store.inlineChunks(keyOf(0), 0, 100_000)!
  const [reader, region] = [new ChunkReader(pool), pool.createRegion()]
  const rows = chunks.flatMap((chunk) => reader.read(chunk, region)).flatMap(({ batch }) => valuesOf(batch))
  expect(rows).toEqual(sampleRows(1, [0], 20))
  expect(store.inlineChunks(keyOf(0), 0, 200)).toBeNull()
  reader.free()
  region.free()
  store.close()
  expect(pool.usedBytes).toBe(0)
})

test.each([64 << 20, 12 << 20])('an output on disk leaves memory, limit %i', async (limitBytes) => {
  const { store, pool } = newStore(true, limitBytes)
  // With little memory part of it is in a spill file already.
  const output = sampleOutput(pool, 3, 5, 3, 20_000)
  expect(output.spillPath !== null).toBe(limitBytes === 12 << 20)
  const sizes = await store.addDurable(keyOf(0), output)
  expect(sizes.durable).toBe(true)
  expect(pool.usedBytes).toBe(0)
  expect(pool.spill.fileCount).toBe(0)
  expect(pool.spill.usedBytes).toBeGreaterThan(1 << 20)
  const held = store.hold(keyOf(0))!
  for (const p of [0, 1, 2]) expect(blockRows(held.partitions[p]!, pool)).toEqual(sampleRows(5, [p], 20_000))
  held.release()
  store.freeJob(JOB)
  expect([pool.spill.usedBytes, pool.usedBytes]).toEqual([0, 0])
  expect(readdirSync(join(folder, 'outputs', 's-0123456789ab'))).toEqual([])
  pool.spill.remove()
})

test('outputs on disk are found by another store, torn and changed ones are not', async () => {
  const { store, pool } = newStore(true)
  const jobs = [JOB, 's-0123456789ab/kept:a/b', 's-0123456789ac/1']
  for (const job of jobs)
    for (let i = 0; i < 5; i++) await store.addDurable(keyOf(i, job), sampleOutput(pool, 3, i, 2, 50))
  store.close()
  const jobFolder = join(folder, 'outputs', JOB)
  const change = (name: string, edit: (bytes: Buffer) => Buffer): void => {
    const path = join(jobFolder, name)
    writeFileSync(path, edit(readFileSync(path)))
  }
  change('2-0-1.blocks', (bytes) => bytes.subarray(0, bytes.length - 5))
  change('2-1-1.blocks', (bytes) => {
    bytes[bytes.length - 40]! ^= 1
    return bytes
  })
  change('2-2-1.blocks', () => Buffer.alloc(0))
  // A whole output of another job, and a part of a process that is gone.
  writeFileSync(
    join(jobFolder, '9-9-9.blocks'),
    readFileSync(join(folder, 'outputs', jobs[2]!, '2-0-1.blocks')),
  )
  writeFileSync(join(jobFolder, '2-7-1.blocks.999999.part'), 'half')
  const found = newStore(true)
  const keys = found.store.openDurable('s-0123456789ab')
  const byJob = (job: string): number[] =>
    keys.filter(({ jobId }) => jobId === job).map(({ partition }) => partition)
  expect(byJob(JOB).sort()).toEqual([3, 4])
  expect(byJob(jobs[1]!).sort()).toEqual([0, 1, 2, 3, 4])
  expect(readdirSync(jobFolder).sort()).toEqual(['2-3-1.blocks', '2-4-1.blocks'])
  const held = found.store.hold(keyOf(4))!
  expect(blockRows(held.partitions[1]!, found.pool)).toEqual(sampleRows(4, [1], 50))
  held.release()
  expect(found.store.openDurable().length).toBe(12)
  found.store.freeSession('s-0123456789ab')
  found.store.freeSession('s-0123456789ac')
  found.store.freeSession('../outputs')
  expect(readdirSync(join(folder, 'outputs'))).toEqual([])
})

test('a reader of this process finds bytes that have changed on disk, and the output goes', async () => {
  const { store, pool } = newStore(true)
  await store.addDurable(keyOf(0), sampleOutput(pool, 3, 5, 2, 5000))
  const path = join(folder, 'outputs', JOB, '2-0-1.blocks')
  const bytes = readFileSync(path)
  bytes[bytes.length >> 3]! ^= 8
  writeFileSync(path, bytes)
  const held = store.hold(keyOf(0))!
  let failure: unknown
  try {
    for (const partition of held.partitions) blockRows(partition, pool)
  } catch (error) {
    failure = error
  }
  expect(failure).toMatchObject({ code: 'BLOCK_CORRUPT', position: { file: path } })
  store.removeCorrupt(path)
  held.release()
  expect([store.hold(keyOf(0)), pool.usedBytes]).toEqual([null, 0])
})

test('a full disk names its folder, and leaves nothing', async () => {
  const small = join(folder, 'small')
  mkdirSync(small)
  const mounted = tryMount(small)
  const pool = MemoryPool.create({ limitBytes: 64 << 20, localDir: folder, localDirBytes: 1 << 20 })
  const unlimited = MemoryPool.create({ limitBytes: 64 << 20, localDir: folder })
  try {
    for (const one of mounted ? [pool, unlimited] : [pool]) {
      const store = new OutputStore({ pool: one, folder: small })
      await expect(store.addDurable(keyOf(0), sampleOutput(one, 3, 1, 4, 20_000))).rejects.toMatchObject({
        code: 'RESOURCES_EXHAUSTED',
        message: expect.stringContaining(one === pool ? folder : small),
        hint: expect.stringContaining('--local-dir'),
      })
      expect([one.usedBytes, one.spill.usedBytes, store.hold(keyOf(0))]).toEqual([0, 0, null])
      expect(readdirSync(join(small, JOB))).toEqual([])
    }
  } finally {
    if (mounted) execFileSync('umount', [small])
  }
})

/** A disk of 1 MB, where the system lets us have one; else only our own limit is tested. */
function tryMount(path: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', path], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
