import { EngineError } from '../../engine/errors.ts'

/** A value that others use too; it stays until all have given it back. */
export interface Shared<Value> {
  readonly value: Value
  giveBack(): void
}

interface Entry<Value> {
  readonly made: Promise<Value>
  readonly abort: AbortController
  users: number
  isReleased: boolean
  isFree: boolean
}

/** What several tasks of a job share, made once: by the first that asks. */
export class SharedInputs<Value> {
  readonly #free: (value: Value) => void
  readonly #jobs = new Map<string, Map<number, Entry<Value>>>()

  constructor(free: (value: Value) => void) {
    this.#free = free
  }

  /**
   * The value of this name. If it cannot be made, all who wait hear so, and the next one who asks tries
   * again. `make` hears by its signal that nobody wants the value any more.
   */
  async use(
    jobId: string,
    id: number,
    make: (signal: AbortSignal) => Promise<Value>,
  ): Promise<Shared<Value>> {
    const ofJob = this.#jobs.get(jobId) ?? new Map<number, Entry<Value>>()
    this.#jobs.set(jobId, ofJob)
    let entry = ofJob.get(id)
    if (entry === undefined) {
      const abort = new AbortController()
      entry = { made: make(abort.signal), abort, users: 0, isReleased: false, isFree: false }
      ofJob.set(id, entry)
    }
    const used = entry
    used.users++
    try {
      const value = await used.made
      let isHeld = true
      const giveBack = (): void => {
        if (!isHeld) return
        isHeld = false
        used.users--
        this.#freeIfOver(used, value)
      }
      return { value, giveBack }
    } catch (error) {
      used.users--
      if (ofJob.get(id) === used) ofJob.delete(id)
      throw error
    }
  }

  /**
   * Frees one value of a job, or, with null, all of them, as soon as nobody uses them. Resolves when none is
   * being made any more.
   */
  async release(jobId: string, id: number | null): Promise<void> {
    const ofJob = this.#jobs.get(jobId)
    if (ofJob === undefined) return
    const released = [...ofJob].filter(([key]) => id === null || key === id)
    for (const [key, entry] of released) {
      ofJob.delete(key)
      entry.isReleased = true
      entry.abort.abort(new EngineError('CANCELLED', 'the job was cancelled'))
    }
    if (ofJob.size === 0) this.#jobs.delete(jobId)
    await Promise.all(
      released.map(([, entry]) =>
        // Who waits for it hears of a failure.
        entry.made.then(
          (value) => this.#freeIfOver(entry, value),
          () => {},
        ),
      ),
    )
  }

  #freeIfOver(entry: Entry<Value>, value: Value): void {
    if (!entry.isReleased || entry.users > 0 || entry.isFree) return
    entry.isFree = true
    this.#free(value)
  }
}
