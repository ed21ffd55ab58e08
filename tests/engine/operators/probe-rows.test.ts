import { describe, expect, test } from 'vitest'
import { fuseProbes, fuseTotal, probeRows, probeTotal } from '../../../engine/operators/index.ts'
import type { PhysicalPlan } from '../../../engine/plan/index.ts'
import type { RandomPlan } from './random-probes.ts'
import { randomFrom } from './run-operator.ts'
import { allRows, randomRound, runEach, totalOf } from './run-probes.ts'

describe('probeRows', () => {
  test('one function for joins, filters and projections gives what the operators give one by one', async () => {
    const seed = Math.floor(Math.random() * 1e9)
    const random = randomFrom(seed)
    let fusedPlans = 0
    for (let round = 0; round < 150; round++) {
      const { plan, context, tableOf, stream, want, end } = await randomRound(random, (made) => made.plan)
      const fused = fuseProbes(plan, tableOf)
      if (fused !== null) {
        fusedPlans++
        const input = runEach(fused.input, stream(), context)
        const got = await allRows(probeRows(fused, plan.id, input, context))
        expect(got, `seed ${seed}, round ${round}`).toEqual(want)
      }
      end()
    }
    expect(fusedPlans, `seed ${seed}`).toBeGreaterThan(50)
  })
})

describe('probeTotal', () => {
  test('a total over joins in one function is that of the operators one by one', async () => {
    const seed = Math.floor(Math.random() * 1e9)
    const random = randomFrom(seed)
    let fusedPlans = 0
    for (let round = 0; round < 150; round++) {
      const total = (made: RandomPlan): PhysicalPlan => totalOf(made.plan, random)
      const { plan, context, tableOf, stream, want, end } = await randomRound(random, total)
      const fused = fuseTotal(plan, tableOf)
      if (fused !== null) {
        fusedPlans++
        const input = runEach(fused.probes.input, stream(), context)
        const got = await allRows(probeTotal(fused, input, context))
        expect(got, `seed ${seed}, round ${round}`).toEqual(want)
      }
      end()
    }
    expect(fusedPlans, `seed ${seed}`).toBeGreaterThan(50)
  })
})
