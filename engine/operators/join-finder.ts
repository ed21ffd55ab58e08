import { type FlatVector, getBit, nullVector, type RecordBatch, type Vector } from '../batch/index.ts'
import { uniquePairs } from '../kernels/index.ts'
import type { Region } from '../memory/index.ts'
import type { HashJoinExec } from '../plan/index.ts'
import { filterPairs, keyEquality, type PairCondition, pairCondition } from './join-condition.ts'
import { findRows, type JoinTable } from './join-table.ts'
import type { TaskContext } from './operator.ts'

/** Finds the build rows of streamed rows: for each the first one on its chain. */
export class JoinFinder {
  readonly #table: JoinTable
  readonly #context: TaskContext
  /** Equality of keys, where the table finds rows by a hash and chains have one key. */
  readonly #equality: PairCondition | null
  readonly #streamIsLeft: boolean
  /** The streamed column that is the only key, if there is one; NULL finds nothing by it. */
  readonly #keyColumn: number | null
  /** Rows found for the entries of dictionaries, which many batches share. */
  readonly #entries = new WeakMap<FlatVector, Int32Array>()

  constructor(node: HashJoinExec, table: JoinTable, context: TaskContext) {
    this.#table = table
    this.#context = context
    const isVerified = table.form.kind === 'hashed' && table.isExact
    this.#equality = isVerified ? pairCondition(keyEquality(node)) : null
    this.#streamIsLeft = node.build === 'right'
    const keys = node.build === 'right' ? node.leftKeys : node.rightKeys
    const key = keys.length === 1 ? keys[0]! : undefined
    this.#keyColumn = key?.kind === 'column' && node.nullSafe[0] === false ? key.index : null
  }

  /** The first row of each row's chain, -1 where there is none; the array lies in `region`. */
  find(batch: RecordBatch, keys: readonly Vector[], region: Region): Int32Array {
    const [key] = keys
    if (
      this.#keyColumn !== null &&
      key!.encoding === 'dictionary' &&
      key!.dictionary.length <= batch.rowCount
    )
      return this.#findByEntry(batch, key!, region)
    return this.#verified(batch, findRows(this.#table, keys, batch.rowCount, region), region)
  }

  /** Looks every entry of the dictionary up once. */
  #findByEntry(
    batch: RecordBatch,
    key: Vector & { readonly encoding: 'dictionary' },
    region: Region,
  ): Int32Array {
    const { codes, dictionary, validity } = key
    let entries = this.#entries.get(dictionary)
    if (entries === undefined) {
      const rowCount = dictionary.length
      const unread = nullVector(0, region)
      const columns: Vector[] = batch.columns.map((_, at) => (at === this.#keyColumn ? dictionary : unread))
      const found = findRows(this.#table, [dictionary], rowCount, region)
      entries = this.#verified({ rowCount, columns }, found, region).slice()
      this.#entries.set(dictionary, entries)
    }
    const found = region.int32(batch.rowCount)
    spread(entries, codes, validity, found)
    return found
  }

  /** Takes back what was found by its hash alone. */
  #verified(batch: RecordBatch, found: Int32Array, region: Region): Int32Array {
    if (this.#equality === null) return found
    const { rowCount } = batch
    const [streamRows, buildRows] = [region.int32(rowCount), region.int32(rowCount)]
    const all = uniquePairs(region.pool, found, rowCount, streamRows, buildRows)
    const stream = { batch, rows: streamRows }
    const build = { batch: this.#table.build, rows: buildRows }
    const [left, right] = this.#streamIsLeft ? [stream, build] : [build, stream]
    const count = filterPairs(this.#equality, left, right, all, region, this.#context)
    if (count === all) return found
    found.fill(-1)
    for (let i = 0; i < count; i++) found[streamRows[i]!] = buildRows[i]!
    return found
  }
}

function spread(
  entries: Int32Array,
  codes: Int32Array,
  validity: Uint8Array | null,
  found: Int32Array,
): void {
  for (let row = 0; row < found.length; row++) {
    const isValid = validity === null || getBit(validity, row)
    found[row] = isValid ? entries[codes[row]!]! : -1
  }
}
