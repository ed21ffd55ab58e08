import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterAll, expect, test } from 'vitest'
import { ReadPace } from '../../../connectors/file/read-pace.ts'

const folder = mkdtempSync(join(tmpdir(), 'millrace-reads-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const MB = 1 << 20
const path = join(folder, 'bytes')
const content = new Uint8Array(9 * MB)
for (let i = 0; i < content.length; i++) content[i] = i % 251
writeFileSync(path, content)

test.each([
  ['nothing read', [], 'low'],
  ['page cache', [[8 * MB, 2]], 'low'],
  ['disk', [[8 * MB, 12]], 'high'],
  [
    'disk, then page cache',
    [
      [8 * MB, 12],
      [8 * MB, 2],
      [8 * MB, 2],
    ],
    'low',
  ],
  [
    'page cache, then disk',
    [
      [8 * MB, 2],
      [8 * MB, 30],
    ],
    'high',
  ],
  ['short reads say nothing', [[1000, 12]], 'low'],
] as const)('ReadPace tells a disk from the page cache: %s', (_, reads, latency) => {
  const pace = new ReadPace()
  for (const [bytes, ms] of reads) pace.note(bytes, ms)
  expect(pace.latency).toBe(latency)
})

/** What a worker thread does with a file, read ahead and not, into shared memory. */
const PROGRAM = `
import { parentPort, workerData } from 'node:worker_threads'
const { localFileSystem } = await import(workerData.module)
const { path, offset, into, aborts } = workerData
const file = await localFileSystem.open(path)
const abort = new AbortController()
try {
  const before = new Uint8Array(into)
  let turns = 0
  const work = file.read(offset, before, { isAhead: true, signal: abort.signal }).then(() => turns)
  turns++
  if (aborts) abort.abort()
  const seen = await work
  const now = new Uint8Array(into.byteLength)
  await file.read(offset, now)
  parentPort.postMessage({ seen, isSame: Buffer.compare(before, now) === 0 })
} catch (error) {
  parentPort.postMessage({ error: error.code })
} finally {
  await file.close()
}
`

async function inWorker(data: {
  readonly offset: number
  readonly bytes: number
  readonly aborts?: boolean
}) {
  const path = join(folder, 'bytes')
  writeFileSync(
    path,
    Uint8Array.from({ length: 9 * MB }, (_, i) => i % 251),
  )
  const module = new URL('../../../dist/connectors/file/index.js', import.meta.url).href
  const workerData = { module, path, into: new SharedArrayBuffer(data.bytes), ...data }
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(PROGRAM)}`), { workerData })
  try {
    return await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
  } finally {
    await worker.terminate()
  }
}

test('a worker thread goes on while bytes that it reads ahead are on their way', async () => {
  expect(await inWorker({ offset: 77, bytes: 9 * MB - 77 })).toEqual({ seen: 1, isSame: true })
  expect(await inWorker({ offset: 9 * MB, bytes: 1 })).toEqual({ error: 'IO_ERROR' })
  expect(await inWorker({ offset: 0, bytes: 9 * MB, aborts: true })).toEqual({ error: 'IO_ERROR' })
})
