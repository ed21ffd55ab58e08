import type { ClusterState } from './cluster-state.ts'

/** How many workers the work there is could use, over time. */
export class Allocation {
  #asked: number | null = null
  /** Since when fewer would do. */
  #fewerSinceMs: number | null = null

  /** Asks for more at once, and for fewer when these were enough for a while. */
  update(state: ClusterState): void {
    const { allocation } = state.settings
    if (allocation === null) return
    const { minWorkers, maxWorkers, slotsPerWorker, idleMs } = allocation
    let tasks = state.attempts.size
    for (const { machine } of state.jobs.values()) tasks += machine.pendingCount
    const count = Math.min(maxWorkers, Math.max(minWorkers, Math.ceil(tasks / slotsPerWorker)))
    if (this.#asked !== null && count >= this.#asked) this.#fewerSinceMs = null
    if (this.#asked === null || count > this.#asked) this.#ask(state, count)
    else if (count < this.#asked) this.#askFewer(state, count, idleMs)
  }

  #askFewer(state: ClusterState, count: number, idleMs: number): void {
    if (this.#fewerSinceMs === null) {
      this.#fewerSinceMs = state.nowMs
      state.after(idleMs, () => undefined) // The event that looks at it again.
    }
    if (state.nowMs - this.#fewerSinceMs < idleMs) return
    this.#fewerSinceMs = null
    this.#ask(state, count)
  }

  #ask(state: ClusterState, count: number): void {
    this.#asked = count
    state.emit({ kind: 'wantWorkers', count })
  }
}
