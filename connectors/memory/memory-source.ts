import { randomUUID } from 'node:crypto'
import { type RecordBatch, SpillReader, type SpillTables } from '../../engine/batch/index.ts'
import type { SourceContext, TableSource } from '../../engine/connect/index.ts'
import { assert, EngineError } from '../../engine/errors.ts'
import { ChunkReader, readBlocks, type ShuffleBlock } from '../../engine/shuffle/index.ts'
import type { Schema } from '../../engine/types/index.ts'
import { isPortable, type PortableRows } from './portable-splits.ts'

/**
 * Rows that stay in the arena of this process, by partition. Their memory belongs to whoever registered them.
 */
export interface MemoryTable {
  readonly schema: Schema
  readonly partitions: readonly (readonly ShuffleBlock[])[]
}

const tables = new Map<string, MemoryTable>()

/** Makes rows known under a new id, which is option `id` of source `memory`. */
export function registerMemoryTable(table: MemoryTable): string {
  const id = randomUUID()
  tables.set(id, table)
  return id
}

/** Forgets rows. Queries that still read them must have ended before their memory is freed. */
export function dropMemoryTable(id: string): void {
  tables.delete(id)
}

/**
 * Cached rows. A split carries its blocks: those that lie in the shared arena are read where they are. For
 * other processes it carries the rows as bytes, see portable-splits.ts.
 */
export const memorySource: TableSource = {
  name: 'memory',
  options: { id: { usage: 'id of rows that the session keeps' } },

  async describe(options) {
    const { schema, partitions } = tableOf(options['id'])
    return { schema, statistics: { rowCount: rowCountOf(partitions.flat()) }, partitionColumns: [] }
  },

  async plan(request) {
    const { partitions } = tableOf(request.options['id'])
    const splits = partitions.map((batches) => ({
      sizeBytes: rowCountOf(batches) * 8 * Math.max(1, request.columns.length),
      rowCount: rowCountOf(batches),
      data: batches,
    }))
    return { splits, notes: [] }
  },

  async *read(splits, request, context) {
    const indices = request.columns.map((name) => {
      const index = request.schema.fields.findIndex((field) => field.name === name)
      assert(index >= 0, `column ${name} of a memory table`)
      return index
    })
    const given = (batch: RecordBatch): RecordBatch => ({
      rowCount: batch.rowCount,
      columns: indices.map((index) => batch.columns[index]!),
    })
    for (const { data } of splits)
      if (isPortable(data)) for (const batch of readPortable(data, context)) yield given(batch)
    const host = {
      createRegion: () => context.createRegion(),
      openSpill: (tables: SpillTables) => new SpillReader(context.pool, tables, () => context.createRegion()),
    }
    const blocks = splits.flatMap(({ data }) => (isPortable(data) ? [] : (data as readonly ShuffleBlock[])))
    for (const batch of readBlocks(blocks, host)) {
      context.checkCancelled()
      yield given(batch)
    }
  },
}

/** Dictionaries stay until the end of the split, since later chunks refer to them. */
function* readPortable({ chunks }: PortableRows, context: SourceContext): Iterable<RecordBatch> {
  const reader = new ChunkReader(context.pool)
  const region = context.createRegion()
  let isNeeded = false
  try {
    for (const chunk of chunks) {
      if (!isNeeded && !reader.isWithinFrame) region.reset()
      for (const { batch } of reader.read(chunk, region, () => (isNeeded = true))) {
        context.checkCancelled()
        yield batch
      }
    }
  } finally {
    reader.free()
    region.free()
  }
}

function rowCountOf(batches: readonly ShuffleBlock[]): number {
  return batches.reduce((sum, batch) => sum + batch.rowCount, 0)
}

function tableOf(id: string | undefined): MemoryTable {
  const table = id === undefined ? undefined : tables.get(id)
  if (table !== undefined) return table
  throw new EngineError('TABLE_OR_VIEW_NOT_FOUND', 'cached rows are gone', {
    hint: 'Their session has ended, or they were unpersisted.',
  })
}
