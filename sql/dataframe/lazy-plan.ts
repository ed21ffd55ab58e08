import type { AnalyzerContext, Resolved } from '../analyzer/index.ts'
import { type CallSite, captureCallSite, withCallSite } from './call-site.ts'
import type { PlanExecutor } from './executor.ts'

/**
 * A plan that is worked out when it is first asked for, and then kept. A failure is not kept: the table may
 * be there the next time.
 */
export class LazyPlan {
  readonly executor: PlanExecutor
  readonly #make: () => Promise<Resolved>
  #resolved: Promise<Resolved> | null = null

  constructor(executor: PlanExecutor, make: () => Promise<Resolved>) {
    this.executor = executor
    this.#make = make
  }

  /** The plan and the names of its columns. Errors of analysis name the line of the program. */
  async resolve(): Promise<Resolved> {
    this.#resolved ??= this.#make()
    const attempt = this.#resolved
    try {
      return await attempt
    } catch (error) {
      if (this.#resolved === attempt) this.#resolved = null
      throw error
    }
  }

  /** Works it out anew when it is asked for again; gives what was worked out, or is being. */
  protected forget(): Promise<Resolved> | null {
    const resolved = this.#resolved
    this.#resolved = null
    return resolved
  }

  /** The plan after one more step. The line of the program that asks for it is noted now. */
  step(apply: PlanStep): LazyPlan {
    const site = captureCallSite()
    return new LazyPlan(this.executor, async () => {
      const input = await this.resolve()
      return await located(site, () => apply(input, this.executor.analyzerContext()))
    })
  }
}

/** What a method does to a plan when it is worked out. */
export type PlanStep = (input: Resolved, context: AnalyzerContext) => Resolved | Promise<Resolved>

/** Does the work; an error gets the line of the program. */
export async function located<T>(site: CallSite, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw withCallSite(error, site)
  }
}
