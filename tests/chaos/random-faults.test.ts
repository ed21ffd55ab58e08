import { afterAll, beforeAll, expect, test } from 'vitest'
import { startCluster, type TestCluster } from '../cluster/test-cluster.ts'
import { randomFrom } from '../engine/kernels/twins/random.ts'
import { PHASES, type Phase, runCheckedJob } from './checked-job.ts'
import { FAULTS, inflict } from './faults.ts'

const RUNS = process.env['MILLRACE_TEST_FULL'] === '1' ? 200 : 20
const SEED = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e9))
/** No run may take longer: a job that waits for ever is a fault too. */
const MOST_MS = 90_000

let cluster: TestCluster
beforeAll(async () => {
  cluster = await startCluster({ driverFlags: ['--heartbeat', '200ms', '--worker-timeout', '2s'] })
  await cluster.untilWorkers(2)
})
afterAll(() => cluster.close())

test(
  `${RUNS} runs with a fault each: no row is lost, none comes twice`,
  async () => {
    console.log(`seed ${SEED}`)
    const hits = new Map<Phase, number>(PHASES.map((phase) => [phase, 0]))
    for (let run = 0; run < RUNS; run++) {
      const random = randomFrom(SEED + run)
      // In turn, so that none is left out; where in it the fault comes is random.
      const target = PHASES[run % PHASES.length]!
      const fault = FAULTS[Math.floor(random() * FAULTS.length)]!
      const delayMs = random() * 300
      let done = ''
      const session = cluster.session()
      try {
        const report = await runCheckedJob(
          session,
          async (phase) => {
            if (phase !== target) return
            await new Promise((resolve) => setTimeout(resolve, delayMs))
            done = await inflict(fault, cluster, random)
          },
          AbortSignal.timeout(MOST_MS),
        )
        expect(report.faults, `run ${run}, seed ${SEED}: ${done} in ${target}`).toEqual([])
        expect(done, `run ${run}, seed ${SEED}: ${fault} in ${target}`).not.toBe('')
        hits.set(target, hits.get(target)! + 1)
        console.log(`run ${run}: ${done} in ${target}, after ${Math.round(delayMs)} ms`)
      } catch (error) {
        throw new Error(`run ${run} of seed ${SEED}, ${fault} in ${target} (${done}): ${String(error)}`, {
          cause: error,
        })
      } finally {
        await session.stop()
      }
      await cluster.untilWorkers(2)
      await cluster.untilAtRest()
    }
    console.log(`hits: ${[...hits].map(([phase, count]) => `${phase} ${count}`).join(', ')}`)
    for (const count of hits.values()) expect(count).toBeGreaterThan(0)
  },
  RUNS * MOST_MS,
)
