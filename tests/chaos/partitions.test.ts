import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeNamespaces, type Namespaces } from '../cluster/namespaces.ts'
import { startCluster, type TestCluster } from '../cluster/test-cluster.ts'
import { type Phase, runCheckedJob } from './checked-job.ts'

const HEAL_MS = 4000

let network: Namespaces
let running: TestCluster

beforeAll(async () => {
  network = makeNamespaces(2)
  running = await startCluster({
    through: (index) => network.through(index % 2),
    driverFlags: ['--listen', `${network.driver}:0`, '--heartbeat', '200ms', '--worker-timeout', '2s'],
  })
  await running.untilWorkers(2)
})
afterAll(async () => {
  await running?.close()
  network?.close()
})

/** Runs the job and breaks the network in a phase; it heals by itself while the job runs on. */
async function runBroken(target: Phase, cut: () => void, heal: () => void): Promise<readonly string[]> {
  const session = running.session()
  let healed: Promise<void> | null = null
  try {
    const report = await runCheckedJob(
      session,
      async (phase) => {
        if (phase !== target) return
        cut()
        healed = new Promise((resolve) => setTimeout(resolve, HEAL_MS)).then(heal)
      },
      AbortSignal.timeout(120_000),
    )
    expect(healed, `the network was cut in ${target}`).not.toBeNull()
    return report.faults
  } finally {
    await healed
    await session.stop()
    await running.untilWorkers(2)
  }
}

describe('workers on hosts in networks of their own', () => {
  test('a job moves every row between them', async () => {
    const { workers } = await running.status()
    expect(workers.map(({ address }) => address.split(':')[0]).sort()).toEqual([...network.hosts].sort())
    const session = running.session()
    expect((await runCheckedJob(session, async () => {})).faults).toEqual([])
    await session.stop()
  })

  test.each(['map', 'shuffle'] as const)('one is cut off in %s and comes back', async (phase) => {
    const faults = await runBroken(
      phase,
      () => network.cut(0),
      () => network.heal(0),
    )
    expect(faults).toEqual([])
  })

  test('two do not reach each other in the shuffle, though both reach the driver', async () => {
    const faults = await runBroken(
      'shuffle',
      () => network.part(0, 1),
      () => network.join(0, 1),
    )
    expect(faults).toEqual([])
  })
})
