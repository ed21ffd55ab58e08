import { dropMemoryTable, registerMemoryTable } from '../../connectors/memory/index.ts'
import { EngineError } from '../../engine/errors.ts'
import { BlockStore, freeStored, type ShuffleBlock, type StoredBlocks } from '../../engine/shuffle/index.ts'
import type { Schema } from '../../engine/types/index.ts'
import type { AnalyzedStatement } from '../../sql/analyzer/index.ts'
import type { CatalogEntry } from '../../sql/catalog/index.ts'
import type { StorageLevel } from '../../sql/dataframe/index.ts'
import {
  type Column,
  columnExpr,
  type LogicalPlan,
  newColumn,
  outputOf,
  type TableRef,
} from '../../sql/plan/index.ts'
import type { ResultBatch } from '../stages/index.ts'
import { keepStage } from './kept-stages.ts'
import type { SessionCore } from './session-core.ts'

/**
 * Rows that are kept, as a plan that reads them. `free` lets go of them; the end of the session does so too.
 */
export interface KeptRows {
  readonly plan: LogicalPlan
  free(): void
}

/** Runs a plan and keeps its rows, here or in the cluster; the new plan reads them under the same columns. */
export async function keepRows(
  plan: LogicalPlan,
  core: SessionCore,
  level: StorageLevel = 'memory_and_disk',
): Promise<KeptRows> {
  if (core.jobs.kind === 'cluster') return await keepStage(plan, core, level)
  const { batches } = await core.runner.start(plan, core.settings())
  return await keepBatches(outputOf(plan), batches, core)
}

/** Batches on their way, as rows of the session under the given columns. */
export async function keepBatches(
  columns: readonly Column[],
  batches: AsyncIterable<ResultBatch>,
  core: SessionCore,
): Promise<KeptRows> {
  const store = new BlockStore(core.pool, 0, 1)
  try {
    for await (const { batch, release } of batches) {
      store.add(0, batch, null, batch.rowCount)
      store.spillIfScarce()
      release()
    }
    return keepBlocks(columns, store.finish(), core)
  } catch (error) {
    store.free()
    throw error
  }
}

/** Stored blocks, all of one partition, as rows of the session under the given columns. */
export function keepBlocks(columns: readonly Column[], stored: StoredBlocks, core: SessionCore): KeptRows {
  const blocks = stored.partitions[0]!
  const fields = columns.map(({ type, nullable }, index) => ({ name: `c${index}`, type, nullable }))
  const schema: Schema = { fields }
  const id = registerMemoryTable({ schema, partitions: inParts(blocks, core.jobs.slots) })
  let isFree = false
  const free = (): void => {
    if (isFree) return
    isFree = true
    forget()
    dropMemoryTable(id)
    freeStored(stored, core.pool)
  }
  const forget = core.onStop(free)
  const rowCount = blocks.reduce((sum, block) => sum + block.rowCount, 0)
  const table: TableRef = {
    name: 'cached rows',
    source: 'memory',
    options: { id },
    schema,
    statistics: { rowCount },
    partitionColumns: [],
  }
  const scanned = fields.map(({ name, type, nullable }) => newColumn(name, type, nullable))
  const plan: LogicalPlan = {
    kind: 'Project',
    input: { kind: 'Scan', table, columns: scanned, predicates: [] },
    exprs: columns.map((column, index) => ({ column, expr: columnExpr(scanned[index]!) })),
  }
  return { plan, free }
}

/** Runs of whole blocks, one for each thread to read. */
function inParts(blocks: readonly ShuffleBlock[], count: number): readonly (readonly ShuffleBlock[])[] {
  const size = Math.max(1, Math.ceil(blocks.length / count))
  const parts: ShuffleBlock[][] = []
  for (let from = 0; from < blocks.length; from += size) parts.push(blocks.slice(from, from + size))
  return parts
}

/** A cached table: its rows, and the temporary view that had the name before. */
interface CachedTable {
  readonly rows: KeptRows
  readonly hidden: CatalogEntry | undefined
}

type CacheStatement = Extract<
  AnalyzedStatement,
  { readonly kind: 'cacheTable' | 'uncacheTable' | 'clearCache' }
>

/**
 * CACHE TABLE keeps the rows of a table, view or query, in memory or, when that is half full, in a spill
 * file, under its name as a temporary view; UNCACHE
 * TABLE and CLEAR CACHE give the memory back. LAZY makes no difference: rows are read at once.
 */
export class TableCache {
  readonly #tables = new Map<string, CachedTable>()
  readonly #core: SessionCore

  constructor(core: SessionCore) {
    this.#core = core
  }

  async run(statement: CacheStatement): Promise<void> {
    switch (statement.kind) {
      case 'cacheTable':
        await this.#cache(statement.parts.at(-1)!, statement.plan, statement.isNew)
        break
      case 'uncacheTable':
        this.#uncache(statement.parts.at(-1)!, statement.ifExists)
        break
      case 'clearCache':
        for (const name of [...this.#tables.keys()]) this.#uncache(name, true)
        break
    }
  }

  async #cache(name: string, plan: LogicalPlan, isNew: boolean): Promise<void> {
    const key = name.toLowerCase()
    if (this.#tables.has(key)) return
    const { catalog } = this.#core
    const hidden = catalog.view([name])
    if (isNew && hidden !== undefined)
      throw new EngineError('TEMP_TABLE_OR_VIEW_ALREADY_EXISTS', `temporary view "${name}" already exists`)
    const rows = await keepRows(plan, this.#core)
    this.#tables.set(key, { rows, hidden })
    catalog.setView(name, { kind: 'plan', plan: rows.plan })
  }

  #uncache(name: string, ifExists: boolean): void {
    const cached = this.#tables.get(name.toLowerCase())
    if (cached === undefined) {
      if (ifExists) return
      throw new EngineError('TABLE_OR_VIEW_NOT_FOUND', `table "${name}" is not cached`)
    }
    this.#tables.delete(name.toLowerCase())
    const { catalog } = this.#core
    if (cached.hidden === undefined) catalog.dropView([name])
    else catalog.setView(name, cached.hidden)
    cached.rows.free()
  }
}
