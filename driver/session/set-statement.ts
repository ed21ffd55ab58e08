import { types } from '../../engine/types/index.ts'
import type { LogicalPlan } from '../../sql/plan/index.ts'
import { checkTimeZone } from './config.ts'
import { noResult, resultRows } from './results.ts'
import type { SessionCore } from './session-core.ts'

const TIME_ZONE_KEY = 'spark.sql.session.timeZone'

/** SET: shows or keeps a setting; that of the time zone has a meaning. */
export function setVariable(
  key: string | undefined,
  value: string | undefined,
  core: SessionCore,
): LogicalPlan {
  if (key === undefined) {
    const settings = new Map([[TIME_ZONE_KEY, core.timeZone], ...core.config])
    return resultRows({ key: types.string, value: types.string }, [...settings])
  }
  if (value === undefined) {
    const known = key === TIME_ZONE_KEY ? core.timeZone : core.config.get(key)
    return resultRows({ key: types.string, value: types.string }, [[key, known ?? '<undefined>']])
  }
  if (key === TIME_ZONE_KEY) core.timeZone = checkTimeZone(value)
  core.config.set(key, value)
  return resultRows({ key: types.string, value: types.string }, [[key, value]])
}

/** SET TIME ZONE: a name, an offset, or (neither) the zone the session began with. */
export function setTimeZone(
  zone: string | undefined,
  offsetMicros: bigint | undefined,
  core: SessionCore,
): LogicalPlan {
  core.timeZone = checkTimeZone(zone ?? offsetName(offsetMicros) ?? core.startTimeZone)
  return noResult()
}

function offsetName(micros: bigint | undefined): string | undefined {
  if (micros === undefined) return undefined
  const minutes = Number(micros / 60_000_000n)
  const two = (part: number): string => String(Math.abs(part)).padStart(2, '0')
  return `${minutes < 0 ? '-' : '+'}${two(Math.trunc(minutes / 60))}:${two(minutes % 60)}`
}
