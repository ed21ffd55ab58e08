/** Keys by their text, numbered in order of arrival. */
export class KeysTwin {
  readonly #numbers = new Map<string, number>()

  get size(): number {
    return this.#numbers.size
  }

  /** The number of a key, the next one if it is new. */
  insert(key: string): number {
    const number = this.#numbers.get(key) ?? this.#numbers.size
    this.#numbers.set(key, number)
    return number
  }

  /** The number of a key, or -1. */
  find(key: string): number {
    return this.#numbers.get(key) ?? -1
  }
}
