import { plainPlan, type Resolved } from '../analyzer/index.ts'
import type { StorageLevel } from './executor.ts'
import { LazyPlan } from './lazy-plan.ts'

/** A plan whose rows are kept from the first time it is asked for, until they are let go. */
export class KeptPlan extends LazyPlan {
  /** What gives back the rows that are kept now. */
  readonly #free: () => void

  constructor(input: LazyPlan, level: StorageLevel) {
    let free: () => void = () => {}
    const make = async (): Promise<Resolved> => {
      const resolved = await input.resolve()
      const columns = resolved.scope.columns.filter(({ hidden }) => !hidden)
      const kept = await input.executor.keep(plainPlan(resolved), level)
      free = kept.free
      return { plan: kept.plan, scope: { ...resolved.scope, columns } }
    }
    super(input.executor, make)
    this.#free = () => free()
  }

  /** Lets go of the rows, once those who are making them are done; the next action makes them again. */
  async letGo(): Promise<void> {
    const attempt = this.forget()
    if (attempt === null) return
    await attempt.catch(() => undefined) // Whoever asked for the rows has been told.
    this.#free()
  }
}
