/** Readers for each holder that fetch from it themselves; later ones take copies from readers before them. */
const DIRECT_READERS = 4

/** From whom a reader of outputs takes a copy, and whether others will take theirs from it. */
export interface CopyPlace {
  /** Null: from the holders. */
  readonly sourceId: string | null
  readonly passOn: boolean
}

/**
 * Readers of the outputs of one stage in the order in which they were told of them. What all of them read
 * whole and only few hold, travels in a tree, so that nobody serves more than some:
 *
 * ```
 * holders ─▶ 0 ─▶ 1 ─▶ 3
 *            │    └──▶ 4
 *            └──▶ 2 ─▶ 5
 * ```
 */
export class CopyTree {
  readonly #readers: string[] = []
  readonly #indexes = new Map<string, number>()
  /** How many readers there may be. */
  readonly #most: number

  constructor(most: number) {
    this.#most = most
  }

  /** The place of a reader; the same when it is told again. */
  place(readerId: string, holderCount: number): CopyPlace {
    const index = this.#indexes.get(readerId) ?? this.#readers.push(readerId) - 1
    this.#indexes.set(readerId, index)
    const direct = DIRECT_READERS * holderCount
    const sourceId = index < direct ? null : this.#readers[(index - 1) >> 1]!
    return { sourceId, passOn: this.#most > direct && 2 * index + 1 < this.#most }
  }
}
