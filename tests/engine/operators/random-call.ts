import type { AggregateCall, Expr } from '../../../engine/expr/index.ts'
import { lookupAggregate } from '../../../engine/functions/index.ts'
import { randomExpr } from '../evaluate/random-expr.ts'

/** A call over the columns that random expressions read: most have a flat form. */
export function randomCall(random: () => number): AggregateCall {
  const names = ['count', 'sum', 'try_sum', 'avg', 'min', 'max', 'bool_or']
  const name = names[Math.floor(random() * names.length)]!
  const form = name === 'bool_or' || (name === 'count' && random() < 0.3) ? 'bool' : 'number'
  const filter = random() < 0.3 ? randomExpr('bool', 1, random) : null
  for (;;) {
    const arg: Expr = randomExpr(form, random() < 0.5 ? 0 : 2, random)
    const args = name === 'count' && random() < 0.3 ? [] : [arg]
    try {
      const aggregate = lookupAggregate(name)!
      const types = args.map(({ type }) => type)
      const { returns, args: taken } = aggregate.resolve(types, [])
      // The analyzer would cast; here another argument is drawn.
      if (args.some(({ type }, index) => type.kind !== taken[index]!.kind)) continue
      return { name, args, distinct: false, filter, order: [], type: returns }
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error)) throw error
    }
  }
}
