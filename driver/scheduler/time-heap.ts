/** Things in the order of their times: what was put in first among equals comes first. */
export class TimeHeap<T> {
  readonly #items: { readonly atMs: number; readonly order: number; readonly value: T }[] = []
  #order = 0

  get size(): number {
    return this.#items.length
  }

  /** When the first is due; null: there is none. */
  get firstMs(): number | null {
    return this.#items[0]?.atMs ?? null
  }

  push(atMs: number, value: T): void {
    const items = this.#items
    items.push({ atMs, order: this.#order++, value })
    let at = items.length - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.#isBefore(at, parent)) break
      this.#swap(at, parent)
      at = parent
    }
  }

  /** The first, if it is due; undefined: none is. */
  popDue(nowMs: number): T | undefined {
    const items = this.#items
    const first = items[0]
    if (first === undefined || first.atMs > nowMs) return undefined
    const last = items.pop()!
    if (items.length > 0) {
      items[0] = last
      this.#sink()
    }
    return first.value
  }

  #sink(): void {
    let at = 0
    for (;;) {
      const left = 2 * at + 1
      if (left >= this.#items.length) return
      const right = left + 1
      const child = right < this.#items.length && this.#isBefore(right, left) ? right : left
      if (!this.#isBefore(child, at)) return
      this.#swap(child, at)
      at = child
    }
  }

  #isBefore(left: number, right: number): boolean {
    const [a, b] = [this.#items[left]!, this.#items[right]!]
    return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)
  }

  #swap(left: number, right: number): void {
    const kept = this.#items[left]!
    this.#items[left] = this.#items[right]!
    this.#items[right] = kept
  }
}
