import type { JobProgress } from '../driver/stages/index.ts'

/** Queries shorter than this show no bar. */
const QUIET_MS = 500
const REDRAW_MS = 200
const WIDTH = 30

/** A progress bar on standard error while a query runs; nothing unless that is a terminal. */
export class Progress {
  #state: JobProgress | null = null
  #startedMs = 0
  #isShown = false
  #timer: NodeJS.Timeout | null = null

  update(state: JobProgress): void {
    if (process.stderr.isTTY !== true) return
    this.#state = state
    if (this.#timer !== null) return
    this.#startedMs = performance.now()
    this.#timer = setInterval(() => this.#draw(), REDRAW_MS)
    this.#timer.unref()
  }

  /** Takes the bar away, ready for the next query. */
  clear(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
    if (this.#isShown) process.stderr.write('\r\x1b[K')
    this.#isShown = false
  }

  #draw(): void {
    const elapsedMs = performance.now() - this.#startedMs
    if (this.#state === null || elapsedMs < QUIET_MS) return
    const { tasksDone, taskCount, stagesDone, stageCount } = this.#state
    const share = taskCount === 0 ? 0 : tasksDone / taskCount
    const bar = '█'.repeat(Math.round(share * WIDTH)).padEnd(WIDTH, '░')
    const stages = `stage ${Math.min(stagesDone + 1, stageCount)} of ${stageCount}`
    const seconds = (elapsedMs / 1000).toFixed(1)
    process.stderr.write(`\r${bar} ${tasksDone}/${taskCount} tasks, ${stages}, ${seconds} s \x1b[K`)
    this.#isShown = true
  }
}
