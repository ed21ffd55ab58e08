/** What rules must know of a scalar function. */
export interface ScalarFacts {
  readonly isVolatile: boolean
  readonly mayFail: boolean
  readonly propagatesNull: boolean
}

const VOLATILE = new Set([
  'rand',
  'random',
  'randn',
  'uuid',
  'shuffle',
  'monotonically_increasing_id',
  'randstr',
  'uniform',
])
const PROPAGATES = new Set([
  '=',
  '<',
  '<=',
  '>',
  '>=',
  '+',
  '-',
  '*',
  '/',
  '%',
  'div',
  'negative',
  'not',
  'like',
  'rlike',
])

/** Facts of a function by name. One that is not known may do anything. */
export function scalarFacts(name: string): ScalarFacts {
  return { isVolatile: VOLATILE.has(name), mayFail: true, propagatesNull: PROPAGATES.has(name) }
}
