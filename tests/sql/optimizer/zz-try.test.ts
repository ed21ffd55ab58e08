import { test } from 'vitest'
import { explainPhysical } from '../../../engine/plan/index.ts'
import { optimize } from '../../../sql/optimizer/index.ts'
import { printPlan } from '../../../sql/plan/index.ts'
import { planQuery } from '../../../sql/planner/index.ts'
import { fakeContext, settings } from '../planner/plan-fixtures.ts'
import { analyzed, tpchQuery } from './tpch-catalog.ts'

test('tpch', async () => {
  for (let q = 1; q <= 22; q++) {
    try {
      const a = await analyzed(tpchQuery(q))
      const t0 = performance.now()
      const o = optimize(a, settings)
      const t1 = performance.now()
      if (process.env['Q'] === String(q)) console.log(printPlan(a), '\n\n', printPlan(o))
      const p = await planQuery(o, fakeContext())
      const t = explainPhysical(p)
      if (process.env['Q'] === String(q)) console.log(t)
      console.log(
        q,
        'ok',
        (t1 - t0).toFixed(1),
        (performance.now() - t1).toFixed(1),
        t
          .split('\n')
          .filter((l) => l.includes('NestedLoop'))
          .join('; ')
          .trim(),
      )
    } catch (e) {
      const x = e as Error
      console.log(q, 'ERR', x.message, x.stack?.split('\n').slice(0, 7).join('\n'))
    }
  }
})
