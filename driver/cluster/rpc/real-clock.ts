import type { Clock } from '../links.ts'

/** The longest a timer of Node can wait. */
const LONGEST_MS = 2 ** 31 - 1

/** Time of this process. */
export function realClock(): Clock {
  return {
    nowMs: () => performance.now(),
    wallMs: () => Date.now(),
    at(atMs, wake) {
      // Rounded up, so that the time has come when it fires.
      const waitMs = Math.min(LONGEST_MS, Math.max(0, Math.ceil(atMs - performance.now())))
      const timer = setTimeout(wake, waitMs)
      return () => clearTimeout(timer)
    },
    soon: (run) => {
      setImmediate(run)
    },
  }
}
