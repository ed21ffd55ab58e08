/** What several tasks of a job share, made once: by the first that asks. */
export class SharedInputs<Value> {
  readonly #free: (value: Value) => void
  readonly #made = new Map<string, Map<number, Promise<Value>>>()

  constructor(free: (value: Value) => void) {
    this.#free = free
  }

  /** The value of this name; if it cannot be made, the next one who asks tries again. */
  get(jobId: string, id: number, make: () => Promise<Value>): Promise<Value> {
    const ofJob = this.#made.get(jobId) ?? new Map<number, Promise<Value>>()
    this.#made.set(jobId, ofJob)
    const known = ofJob.get(id)
    if (known !== undefined) return known
    const made = make()
    ofJob.set(id, made)
    made.catch(() => {
      if (ofJob.get(id) === made) ofJob.delete(id)
    })
    return made
  }

  /**
   * Frees one value of a job, or, with null, all of them; one that is being made is freed when it is there.
   */
  release(jobId: string, id: number | null): void {
    const ofJob = this.#made.get(jobId)
    if (ofJob === undefined) return
    for (const [key, made] of [...ofJob]) {
      if (id !== null && key !== id) continue
      ofJob.delete(key)
      made.then(this.#free, () => {}) // Who waits for it hears of the failure.
    }
    if (ofJob.size === 0) this.#made.delete(jobId)
  }
}
