/**
 * Numbers that look random and are the same for the same seed on every machine: state of 32-bit words,
 * xorshift steps.
 * Only arithmetic that IEEE 754 rounds exactly is used, here and by callers; logarithms and powers differ
 * between releases of Node. Not for secrets.
 */
export class Random {
  #a: number
  #b: number
  #c: number
  #d: number

  /** `seed` is any integer; `stream` keeps the parts of a generator independent of each other. */
  constructor(seed: number, stream = 0) {
    this.#a = spread(seed)
    this.#b = spread(this.#a ^ stream)
    this.#c = spread(this.#b + 0x51ed27)
    this.#d = spread(this.#c) | 1
    for (let warmUp = 0; warmUp < 8; warmUp++) this.next()
  }

  /** At least 0, below 1. */
  next(): number {
    const t = this.#a ^ (this.#a << 11)
    this.#a = this.#b
    this.#b = this.#c
    this.#c = this.#d
    this.#d = this.#d ^ (this.#d >>> 19) ^ t ^ (t >>> 8)
    return (Math.imul(this.#d, 0x9e3779b1) >>> 0) / 4294967296
  }

  /** At least 0, below 1, more often near 0: half of them are below a quarter. */
  lean(): number {
    const value = this.next()
    return value * value
  }

  /** An integer from 0 to `limit` - 1. */
  below(limit: number): number {
    return Math.floor(this.next() * limit)
  }

  /** An integer from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1)
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  /** An integer of 1 or more whose average is `mean`: many small ones, few large ones. */
  size(mean: number): number {
    let size = 1
    while (!this.chance(1 / mean)) size++
    return size
  }

  pick<T>(items: readonly T[]): T {
    // The index is below the length, so it is only undefined for an empty list, which no caller has.
    return items[this.below(items.length)] as T
  }

  /** The index of an entry, each as likely as its share of the sum of `weights`. */
  weighted(weights: readonly number[]): number {
    let rest = this.next() * weights.reduce((sum, weight) => sum + weight, 0)
    for (const [index, weight] of weights.entries()) {
      rest -= weight
      if (rest < 0) return index
    }
    return weights.length - 1
  }

  /** Puts the items in another order, in place. */
  shuffle<T>(items: T[]): T[] {
    for (let last = items.length - 1; last > 0; last--) {
      const other = this.below(last + 1)
      const held = items[last] as T // Both indexes are inside the array.
      items[last] = items[other] as T
      items[other] = held
    }
    return items
  }
}

/** Every bit of the input changes about half of the bits of the output. */
function spread(value: number): number {
  let word = (value + 0x6d2b79f5) | 0
  word = Math.imul(word ^ (word >>> 16), 0x21f0aaad)
  word = Math.imul(word ^ (word >>> 15), 0x735a2d97)
  return word ^ (word >>> 15)
}
