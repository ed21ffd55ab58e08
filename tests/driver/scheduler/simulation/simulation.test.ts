import { expect, test } from 'vitest'
import { FAULT_KINDS } from './faults.ts'
import { PLANTED_BUGS } from './planted-bugs.ts'
import { simulate } from './simulate.ts'

const FULL = process.env['MILLRACE_TEST_FULL'] === '1'
const ROUNDS = Number(process.env['ROUNDS'] ?? (FULL ? 10_000 : 300))
const SEED = Number(process.env['SEED'] ?? Date.now() % 2 ** 31)

test(`jobs end with the right rows through all faults (SEED=${SEED})`, () => {
  const hits = new Map<string, number>()
  let eventCount = 0
  for (let round = 0; round < ROUNDS; round++) {
    const outcome = simulate(SEED + round)
    expect(outcome.faults, `of SEED=${SEED + round} ROUNDS=1`).toEqual([])
    for (const [kind, count] of outcome.hits) hits.set(kind, (hits.get(kind) ?? 0) + count)
    eventCount += outcome.eventCount
  }
  const lines = [...hits].sort().map(([kind, count]) => `${String(count).padStart(8)} ${kind}`)
  console.log(`${ROUNDS} seeds from ${SEED}, ${eventCount} events\n${lines.join('\n')}`)
  if (ROUNDS >= 300) for (const kind of FAULT_KINDS) expect(hits.get(kind) ?? 0, kind).toBeGreaterThan(0)
}, 3_600_000)

/** Seeds in which every planted bug must show. */
const BUG_ROUNDS = 2000

test.each(Object.keys(PLANTED_BUGS))(`a planted bug is found: %s (SEED=${SEED})`, (name) => {
  for (let round = 0; round < BUG_ROUNDS; round++) {
    const { faults } = simulate(SEED + round, PLANTED_BUGS[name]!)
    if (faults.length === 0) continue
    console.log(`found by seed ${round + 1} of ${BUG_ROUNDS}: ${faults[0]}`)
    return
  }
  expect.fail(`no seed of ${BUG_ROUNDS} from ${SEED} found it`)
})
