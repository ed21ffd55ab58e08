import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { faultsOf } from './check-plan.ts'
import { explain, planOf } from './fake-catalog.ts'

const PATH = new URL('samples/plans.txt', import.meta.url)
const sections = readFileSync(PATH, 'utf8').trim().split(/\n\n/)
const cases = sections.map((section) => {
  const [query = '', plan = ''] = section.split(/\n----\n?/)
  return { query, plan: plan.trimEnd() }
})

// Recorded with RECORD=1, then read by a person.
test.runIf(process.env['RECORD'] === '1')('records the plans', async () => {
  const recorded: string[] = []
  for (const { query } of cases) recorded.push(`${query}\n----\n${await explain(query)}`)
  writeFileSync(PATH, `${recorded.join('\n\n')}\n`)
})

test.skipIf(process.env['RECORD'] === '1').each(cases)('$query', async ({ query, plan }) => {
  expect(await explain(query)).toBe(plan)
  expect(faultsOf(await planOf(query))).toEqual([])
})
