import type { Region } from '../memory/index.ts'
import { PairTable } from './pair-table.ts'

/** Distinct tuples of codes, numbered in order of arrival: a chain of pair tables from left to right. */
export class CodeTuples {
  readonly #pairs: readonly PairTable[]
  #scratch: Int32Array[] = []

  /** For tuples of `width` ≥ 2 codes. */
  constructor(width: number, region: Region) {
    this.#pairs = Array.from({ length: width - 1 }, () => new PairTable(region))
  }

  get size(): number {
    return this.#pairs.at(-1)!.size
  }

  /** The number of each row's tuple, new ones getting the next; -1 where a code is negative. */
  insert(codes: readonly Int32Array[], sizes: readonly number[], rowCount: number, out: Int32Array): void {
    let left = codes[0]!
    let leftSize = sizes[0]!
    for (const [index, pairs] of this.#pairs.entries()) {
      const to = index === this.#pairs.length - 1 ? out : this.#between(index, rowCount)
      pairs.insert(left, codes[index + 1]!, [leftSize, sizes[index + 1]!], rowCount, to)
      left = to
      leftSize = pairs.size
    }
  }

  /** The number of each row's tuple; -1 where it is not there. */
  find(codes: readonly Int32Array[], rowCount: number, out: Int32Array): void {
    let left = codes[0]!
    for (const [index, pairs] of this.#pairs.entries()) {
      const to = index === this.#pairs.length - 1 ? out : this.#between(index, rowCount)
      pairs.find(left, codes[index + 1]!, rowCount, to)
      left = to
    }
  }

  #between(index: number, rowCount: number): Int32Array {
    const array = this.#scratch[index]
    if (array !== undefined && array.length >= rowCount) return array
    this.#scratch[index] = new Int32Array(rowCount)
    return this.#scratch[index]
  }
}
