import { LocalRunner } from '../../../driver/local/index.ts'
import { RddContext } from '../../../driver/rdd/index.ts'
import { MemoryPool } from '../../../engine/memory/index.ts'

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
  const jobs = new LocalRunner(pool, threadCount)
  const settings = () => ({ timeZone: 'UTC', nowMicros: 0n, randomSeed: 1 })
  return { context: new RddContext({ pool, jobs, settings }), pool, close: () => jobs.stop() }
}
