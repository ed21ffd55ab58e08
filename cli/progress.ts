import type { JobProgress } from '../driver/local/index.ts'

/** Queries shorter than this show no bar. */
const QUIET_MS = 500
const REDRAW_MS = 100
const WIDTH = 30

/** A progress bar on standard error while a query runs; nothing unless that is a terminal. */
export class Progress {
  #startedMs = 0
  #drawnMs = 0
  #isShown = false

  update(state: JobProgress): void {
    if (process.stderr.isTTY !== true) return
    const nowMs = performance.now()
    if (this.#startedMs === 0) this.#startedMs = nowMs
    if (nowMs - this.#startedMs < QUIET_MS || nowMs - this.#drawnMs < REDRAW_MS) return
    this.#drawnMs = nowMs
    this.#isShown = true
    const share = state.taskCount === 0 ? 0 : state.tasksDone / state.taskCount
    const bar = '█'.repeat(Math.round(share * WIDTH)).padEnd(WIDTH, '░')
    const seconds = ((nowMs - this.#startedMs) / 1000).toFixed(1)
    const stages = `stage ${Math.min(state.stagesDone + 1, state.stageCount)} of ${state.stageCount}`
    process.stderr.write(`\r${bar} ${state.tasksDone}/${state.taskCount} tasks, ${stages}, ${seconds} s \x1b[K`)
  }

  /** Takes the bar away, ready for the next query. */
  clear(): void {
    if (this.#isShown) process.stderr.write('\r\x1b[K')
    this.#isShown = false
    this.#startedMs = 0
  }
}
