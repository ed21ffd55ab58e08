import { RddContext } from '../../../driver/rdd/index.ts'
import { MemoryPool } from '../../../engine/memory/index.ts'
import { ThreadPool } from '../../../worker/threads/index.ts'

/** RDDs over real worker threads. */
export function testContext(
  threadCount = 2,
  limitBytes = 256 << 20,
): {
  context: RddContext
  pool: MemoryPool
  close(): Promise<void>
} {
  const pool = MemoryPool.create({ limitBytes, poison: true })
  const threads = new ThreadPool(pool, threadCount, null)
  const settings = () => ({ timeZone: 'UTC', nowMicros: 0n, randomSeed: 1 })
  return { context: new RddContext({ pool, threads, settings }), pool, close: () => threads.close() }
}
