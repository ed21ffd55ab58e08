import { EngineError } from '../../engine/errors.ts'

/**
 * Why a task has no end: its thread ended. One that was out of JavaScript memory would be so again; whatever
 * else ended it, perhaps the next one lives.
 */
export function lostThreadError(reason: string): EngineError {
  if (/memory limit|heap out of memory/i.test(reason))
    return new EngineError('RESOURCES_EXHAUSTED', `a worker thread ran out of JavaScript memory: ${reason}`, {
      hint: 'A function of the program needs more than a thread has: make partitions smaller.',
    })
  return new EngineError('WORKER_LOST', `a worker thread was lost: ${reason}`)
}
