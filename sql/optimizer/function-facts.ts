import { lookupScalar } from '../../engine/functions/index.ts'

/** What rules must know of a scalar function. */
export interface ScalarFacts {
  readonly isKnown: boolean
  /** Another value each time, or one that depends on the task: it is neither moved nor folded. */
  readonly isVolatile: boolean
  /** A NULL argument makes the result NULL. */
  readonly propagatesNull: boolean
}

const UNKNOWN: ScalarFacts = { isKnown: false, isVolatile: false, propagatesNull: false }

/** Facts of a function by name. One that is not in the registry may see NULLs. */
export function scalarFacts(name: string): ScalarFacts {
  const found = lookupScalar(name)
  if (found === undefined) return UNKNOWN
  return {
    isKnown: true,
    isVolatile: found.volatility === 'volatile',
    propagatesNull: found.nulls === 'propagate',
  }
}
