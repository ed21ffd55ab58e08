/** Bounds what runs at once: whoever wants more than is free waits, first come first served. */
export class Budget {
  readonly #limit: number
  #used = 0
  readonly #waiting: { readonly amount: number; readonly go: () => void }[] = []

  constructor(limit: number) {
    this.#limit = limit
  }

  /**
   * Resolves when `amount` is free, or all of it for more than there is; call the result to give it back.
   * Throws the signal's reason when it fires before.
   */
  async take(amount: number, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted()
    const share = Math.min(amount, this.#limit)
    if (this.#waiting.length > 0 || this.#used + share > this.#limit) await this.#turn(share, signal)
    else this.#used += share
    let isTaken = true
    return () => {
      if (!isTaken) return
      isTaken = false
      this.#used -= share
      this.#wake()
    }
  }

  async #turn(amount: number, signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const entry = {
        amount,
        go: () => {
          signal.removeEventListener('abort', leave)
          resolve()
        },
      }
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(entry), 1)
        reject(signal.reason)
        this.#wake()
      }
      signal.addEventListener('abort', leave, { once: true })
      this.#waiting.push(entry)
    })
  }

  #wake(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (this.#used + next.amount > this.#limit) return
      this.#used += next.amount
      this.#waiting.shift()
      next.go()
    }
  }
}
