/** Says on a terminal what the job is at; elsewhere nothing. */
export class Progress {
  readonly #isTerminal: boolean
  readonly #startMs = performance.now()

  constructor(isTerminal: boolean = process.stderr.isTTY === true) {
    this.#isTerminal = isTerminal
  }

  /** Seconds since the job began. */
  get seconds(): number {
    return (performance.now() - this.#startMs) / 1000
  }

  /** Replaces the line on the terminal. */
  step(text: string): void {
    if (this.#isTerminal) process.stderr.write(`\r\x1b[K${this.seconds.toFixed(1).padStart(5)} s  ${text} …`)
  }

  /** Takes the line away. */
  clear(): void {
    if (this.#isTerminal) process.stderr.write('\r\x1b[K')
  }
}
