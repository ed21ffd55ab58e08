import type { Vector } from '../../batch/index.ts'
import type { JsonColumn, JsonTarget } from './json-column.ts'
import { stringOf } from './unescape.ts'

/**
 * The members of an object that are wanted, by name. Records of a file usually have the same members in the
 * same
 * order, so the name that came next the last time is tried first.
 */
export class JsonMembers {
  readonly #target: JsonTarget
  readonly #columns: readonly JsonColumn[]
  readonly #indexOf: ReadonlyMap<string, number>
  /** Stamp of the object in which a member was seen last. */
  readonly #seen: Float64Array
  #stamp = 0
  /** What the n-th member of an object was the last time: its name's bytes, and the column or -1. */
  readonly #guessNames: Uint8Array[] = []
  readonly #guesses: number[] = []

  constructor(target: JsonTarget, names: readonly string[], columns: readonly JsonColumn[]) {
    this.#target = target
    this.#columns = columns
    this.#indexOf = new Map(names.map((name, index) => [name, index]))
    this.#seen = new Float64Array(names.length)
  }

  /** Reads the object at the cursor into `row` of every column. */
  read(row: number): void {
    const { cursor } = this.#target
    const stamp = ++this.#stamp
    const seen = this.#seen
    const columns = this.#columns
    let seenCount = 0
    cursor.enter()
    if (cursor.peek() !== 125) {
      for (let member = 0; ; member++) {
        if (cursor.peek() !== 34) throw cursor.unexpected(cursor.peek(), 'a name')
        const index = this.#isGuess(member) ? this.#guesses[member]! : this.#find(member)
        cursor.expect(58)
        if (index < 0) cursor.skip()
        else {
          columns[index]!.read(row)
          if (seen[index] !== stamp) seenCount++
          seen[index] = stamp
        }
        const next = cursor.peek()
        if (next === 125) break
        if (next !== 44) throw cursor.unexpected(next, '"," or "}"')
        cursor.at++
      }
    }
    cursor.leave()
    if (seenCount === columns.length) return
    for (let i = 0; i < columns.length; i++) if (seen[i] !== stamp) columns[i]!.setNull(row)
  }

  setNull(row: number): void {
    for (const column of this.#columns) column.setNull(row)
  }

  finish(rowCount: number): readonly Vector[] {
    return this.#columns.map((column) => column.finish(rowCount))
  }

  /** Whether the name at the cursor is the one that came there the last time; steps over it then. */
  #isGuess(member: number): boolean {
    const guess = this.#guessNames[member]
    if (guess === undefined) return false
    const { cursor } = this.#target
    const { bytes, at, end } = cursor
    const stop = at + 1 + guess.length
    if (stop >= end || bytes[stop] !== 34) return false
    for (let i = 0; i < guess.length; i++) if (bytes[at + 1 + i] !== guess[i]) return false
    cursor.at = stop + 1
    return true
  }

  /** The column of the name at the cursor; -1 for none. Remembers it as the guess. */
  #find(member: number): number {
    const { cursor } = this.#target
    cursor.string()
    const { bytes, start, stop, special } = cursor
    const index = this.#indexOf.get(stringOf(bytes, start, stop, special)) ?? -1
    if (member < MAX_GUESSES && stop - start < 256 && !special) {
      this.#guessNames[member] = bytes.slice(start, stop)
      this.#guesses[member] = index
    }
    return index
  }
}

/** Members of an object whose order is remembered. */
const MAX_GUESSES = 1024
