import type { RecordBatch, Vector } from '../batch/index.ts'
import type { Region } from '../memory/index.ts'
import { type OwnedDictionaries, ownRows } from '../shuffle/index.ts'
import type { Schema } from '../types/index.ts'
import { emptyBatch } from './collect.ts'
import { concatColumn } from './concat-batches.ts'
import type { TaskContext } from './operator.ts'

interface HeldColumn {
  readonly region: Region
  readonly owned: OwnedDictionaries
  readonly parts: Vector[]
}

/**
 * Keeps copies of rows until they become one batch. Each column lies in a region of its own, which is free as
 * soon as the column is joined: so all rows are never held twice.
 */
export class ColumnCollector {
  rowCount = 0
  readonly #schema: Schema
  readonly #columns: readonly HeldColumn[]
  readonly #rowCounts: number[] = []

  constructor(schema: Schema, context: TaskContext) {
    this.#schema = schema
    this.#columns = schema.fields.map(() => ({
      region: context.createRegion(),
      owned: new Map(),
      parts: [],
    }))
  }

  /** Bytes held. */
  get heldBytes(): number {
    return this.#columns.reduce((sum, { region }) => sum + region.heldBytes, 0)
  }

  /** Copies a batch in. */
  add(batch: RecordBatch): void {
    const { rowCount } = batch
    if (rowCount === 0) return
    this.rowCount += rowCount
    this.#rowCounts.push(rowCount)
    for (const [index, { region, owned, parts }] of this.#columns.entries()) {
      const part = { rowCount, columns: [batch.columns[index]!] }
      parts.push(ownRows(part, null, rowCount, region, owned).columns[0]!)
    }
  }

  /** What was added, as it came. */
  *batches(): Iterable<RecordBatch> {
    for (const [index, rowCount] of this.#rowCounts.entries())
      yield { rowCount, columns: this.#columns.map(({ parts }) => parts[index]!) }
  }

  /** All rows as one batch in `region`; nothing is held here afterwards. */
  join(region: Region): RecordBatch {
    const { rowCount } = this
    if (rowCount === 0) {
      this.free()
      return emptyBatch(this.#schema, region)
    }
    const columns = this.#columns.map(({ region: own, parts }) => {
      const column = concatColumn(parts, rowCount, region)
      own.free()
      return column
    })
    return { rowCount, columns }
  }

  /** Gives all memory back. */
  free(): void {
    for (const { region } of this.#columns) region.free()
  }
}
