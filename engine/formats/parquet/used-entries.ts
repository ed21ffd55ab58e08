import type { Vector } from '../../batch/index.ts'
import { IntBuffer } from './byte-buffer.ts'
import type { DictionaryBuilder } from './dictionary-builder.ts'
import type { StoredPart } from './to-stored.ts'

/**
 * The entries of a dictionary that some rows use: each is looked up once in the dictionary that is written,
 * not once a row.
 */
export class UsedEntries {
  /** Where an entry was noted: `#base` and its number among those of this time. Less: an earlier time. */
  #places = new Int32Array(0)
  #base = 1
  readonly #entries = new IntBuffer()
  readonly #codes = new IntBuffer()

  /** The entries among `rows`, each once, in the order of their first use; valid until the next call. */
  take(dictionary: Vector, rows: IntBuffer): IntBuffer {
    this.#base += this.#entries.length
    if (this.#places.length < dictionary.length || this.#base > 1 << 30) {
      this.#places = new Int32Array(Math.max(this.#places.length, dictionary.length))
      this.#base = 1
    }
    const places = this.#places
    const base = this.#base
    this.#entries.length = 0
    for (let i = 0; i < rows.length; i++) {
      const entry = rows.values[i]!
      if (places[entry]! >= base) continue
      places[entry] = base + this.#entries.length
      this.#entries.push(entry)
    }
    return this.#entries
  }

  /** Appends the codes of `rows`, of which `part` has the values of what `take` gave. */
  encode(part: StoredPart, rows: IntBuffer, dictionary: DictionaryBuilder, out: IntBuffer): void {
    this.#codes.length = 0
    dictionary.encode(part, this.#codes)
    out.reserve(rows.length)
    const { values: codes } = this.#codes
    const { values } = out
    const places = this.#places
    const base = this.#base
    let at = out.length
    for (let i = 0; i < rows.length; i++) values[at++] = codes[places[rows.values[i]!]! - base]!
    out.length = at
  }
}
