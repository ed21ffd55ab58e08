import type { Vector } from '../../batch/index.ts'
import type { JsonColumn, JsonTarget } from './json-column.ts'
import { stringOf } from './unescape.ts'

/**
 * The members of an object that are wanted, by name. Records of a file usually have the same members in the same
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
        cursor.string()
        const index = this.#find(member)
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

  /** The column of the name just read; -1 for none. */
  #find(member: number): number {
    const { bytes, start, stop, special } = this.#target.cursor
    const guess = this.#guessNames[member]
    if (guess !== undefined && !special && guess.length === stop - start && isName(bytes, start, guess))
      return this.#guesses[member]!
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

function isName(bytes: Uint8Array, start: number, name: Uint8Array): boolean {
  for (let i = 0; i < name.length; i++) if (bytes[start + i] !== name[i]) return false
  return true
}
