import { EngineError } from '../../engine/errors.ts'

/** When a query looks for new rows. */
export type Trigger =
  /** As fast as batches end; while there is nothing new it waits for the source. */
  | { readonly kind: 'asap' }
  /** At most one batch in so much time. */
  | { readonly kind: 'interval'; readonly intervalMs: number }
  /**
   * Everything that is there, in as many batches as limits ask; then the query ends, and with it its windows.
   */
  | { readonly kind: 'availableNow'; readonly closesWindows: boolean }
  /** One batch. */
  | { readonly kind: 'once' }

const UNITS: Readonly<Record<string, number>> = {
  millisecond: 1,
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
}

/** `10 seconds`, `500 milliseconds`, `1 minute` in milliseconds. CONFIG_INVALID for anything else. */
export function parseDurationMs(text: string): number {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([a-z]+?)s?\s*$/i.exec(text)
  const unit = UNITS[match?.[2]?.toLowerCase() ?? '']
  if (match === null || unit === undefined)
    throw new EngineError('CONFIG_INVALID', `duration "${text}" is not understood`, {
      hint: 'Write a number and a unit, such as 10 seconds or 500 milliseconds.',
    })
  return Number(match[1]) * unit
}
