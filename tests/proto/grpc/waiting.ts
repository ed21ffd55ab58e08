import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { EngineError } from '../../../engine/errors.ts'

/** Waits for what happens soon, ten seconds at most. */
export async function until(test: () => boolean): Promise<void> {
  for (let i = 0; i < 1000 && !test(); i++) await sleep(10)
  expect(test()).toBe(true)
}

/** The EngineError that a promise must end with. */
export async function failureOf(work: Promise<unknown>): Promise<EngineError> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(EngineError)
  // The cast holds: the line above has checked it.
  return error as EngineError
}
