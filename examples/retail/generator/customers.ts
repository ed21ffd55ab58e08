import type { Random } from './random.ts'

export interface Customers {
  readonly count: number
  /** The country of a customer, by index. */
  readonly countries: readonly string[]
}

const FIRST_ID = 12_346
export const HOME = 'United Kingdom'
const ABROAD = [
  'Germany',
  'France',
  'EIRE',
  'Spain',
  'Netherlands',
  'Belgium',
  'Switzerland',
  'Portugal',
  'Australia',
  'Norway',
  'Italy',
  'Channel Islands',
  'Finland',
  'Cyprus',
  'Sweden',
  'Unspecified',
  'Austria',
  'Denmark',
  'Japan',
  'Poland',
  'Israel',
  'USA',
  'Hong Kong',
  'Singapore',
  'Iceland',
  'Canada',
  'Greece',
  'Malta',
  'United Arab Emirates',
  'European Community',
  'RSA',
  'Lebanon',
  'Lithuania',
  'Brazil',
  'Czech Republic',
  'Bahrain',
  'Saudi Arabia',
]
/** Trade abroad falls off quickly from the first country to the last. */
const ABROAD_WEIGHTS = ABROAD.map((_, rank) => 1 / (rank + 1))

/** Customers from 12346 on; nine of ten are at home. */
export function makeCustomers(random: Random, count: number): Customers {
  const countries = Array.from({ length: count }, () => (random.chance(0.9) ? HOME : countryAbroad(random)))
  return { count, countries }
}

export function countryAbroad(random: Random): string {
  return ABROAD[random.weighted(ABROAD_WEIGHTS)] ?? HOME
}

/**
 * A customer's index. `progress` of the year from 0 to 1: more and more customers are known; few buy often.
 */
export function pickCustomer(random: Random, customers: Customers, progress: number): number {
  const known = Math.max(1, Math.floor(customers.count * (0.22 + 0.78 * progress)))
  return Math.min(known - 1, Math.floor(known * random.lean()))
}

/** The number a customer has in the data: spread, so that it says nothing about when the customer came. */
export function customerId(index: number, customers: Customers): number {
  return FIRST_ID + ((index * 7919) % customers.count)
}
