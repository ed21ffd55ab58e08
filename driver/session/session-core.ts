import { fileSystemOf, sourceOf } from '../../connectors/index.ts'
import type { SourceOptions } from '../../engine/connect/index.ts'
import { EngineError } from '../../engine/errors.ts'
import type { QuerySettings } from '../../engine/functions/index.ts'
import { MemoryPool } from '../../engine/memory/index.ts'
import type { Schema } from '../../engine/types/index.ts'
import {
  type AnalyzerContext,
  analyzeQuery,
  analyzeStatement,
  builtInFunctions,
  type Parameters,
} from '../../sql/analyzer/index.ts'
import { Catalog } from '../../sql/catalog/index.ts'
import { parseQuery, parseStatement } from '../../sql/parser/index.ts'
import type { LogicalPlan, TableRef } from '../../sql/plan/index.ts'
import { Profiler } from '../profile/index.ts'
import type { JobRunner } from '../stages/index.ts'
import type { StreamingQuery } from '../streaming/index.ts'
import { TableCache } from './cached-rows.ts'
import { checkTimeZone, defaultMemoryBytes, parseMaster, parseMemory } from './config.ts'
import { setting } from './environment.ts'
import { explainLines } from './explain.ts'
import { formatOfPath } from './format-of-path.ts'
import { openRunner } from './open-runner.ts'
import { QueryRunner, type RunOptions } from './query-runner.ts'
import type { SessionOptions } from './session-options.ts'
import { execute } from './statements.ts'
import { Warehouse } from './warehouse.ts'

/** The parts of a session: memory, what runs its jobs, catalog, settings. */
export class SessionCore {
  readonly pool: MemoryPool
  readonly jobs: JobRunner
  readonly runner: QueryRunner
  readonly catalog: Catalog
  readonly warehouse: Warehouse
  readonly config = new Map<string, string>()
  readonly tableCache = new TableCache(this)
  /** Streaming queries that were started, by name. */
  readonly streams = new Map<string, StreamingQuery>()
  readonly #batchRows: number | undefined
  readonly #profiler: Profiler | null
  /** As SET TIME ZONE said; null before. */
  #timeZone: string | null = null
  #startTimeZone: string | null
  readonly #atStop = new Set<() => void>()

  constructor(options: SessionOptions) {
    const master = parseMaster(options.master ?? setting('MASTER') ?? 'local[*]')
    const memory = options.memory ?? setting('MEMORY')
    const limitBytes = memory === undefined ? defaultMemoryBytes() : parseMemory(memory)
    const zone = options.timeZone ?? setting('TIME_ZONE') ?? environmentZone()
    this.#startTimeZone = zone === null ? null : checkTimeZone(zone)
    this.#batchRows = options.batchRows
    const localDir = options.localDir ?? setting('LOCAL_DIR')
    const diskSize = options.localDirSize ?? setting('LOCAL_DIR_SIZE')
    const localDirBytes = diskSize === undefined ? undefined : parseMemory(diskSize)
    this.pool = MemoryPool.create({ limitBytes, localDir, localDirBytes, ...options.arena })
    const profile = options.profile ?? setting('PROFILE')
    this.#profiler = profile === undefined ? null : new Profiler(profile, (plan) => explainLines(plan))
    const place = { pool: this.pool, observer: this.#profiler, config: this.config }
    this.jobs = openRunner(master, options, place)
    this.runner = new QueryRunner(this.pool, this.jobs, this.config)
    this.warehouse = new Warehouse(
      options.warehouse ?? setting('WAREHOUSE') ?? 'millrace-warehouse',
      (table) => this.describeTable(table),
    )
    this.catalog = new Catalog(this.warehouse)
  }

  /** The zone of statements that begin now. */
  get timeZone(): string {
    return this.#timeZone ?? this.startTimeZone
  }

  set timeZone(zone: string) {
    this.#timeZone = zone
  }

  /** The zone before any SET TIME ZONE. The system's is found when it is asked for: that can take 20 ms. */
  get startTimeZone(): string {
    this.#startTimeZone ??= Intl.DateTimeFormat().resolvedOptions().timeZone
    return this.#startTimeZone
  }

  /** The zone as it is now, whatever is set later; found when it is asked for. */
  #zoneOfNow(): () => string {
    const set = this.#timeZone
    return () => set ?? this.startTimeZone
  }

  /** Settings of a query that begins now. */
  settings(): QuerySettings {
    const nowMicros = BigInt(Date.now()) * 1000n
    const zone = this.#zoneOfNow()
    return {
      get timeZone() {
        return zone()
      },
      nowMicros,
      randomSeed: Math.floor(Math.random() * 2 ** 31),
      batchRows: this.#batchRows,
    }
  }

  /** What the analyzer needs to know of this session. */
  analyzerContext(parameters?: Parameters): AnalyzerContext {
    const zone = this.#zoneOfNow()
    return {
      catalog: this.catalog,
      functions: builtInFunctions,
      get timeZone() {
        return zone()
      },
      parameters,
      resolveSource: (source, options, declared) => this.describeSource(source, options, declared),
    }
  }

  /** Parses, checks and, if it is a command, carries out a statement; gives the plan of its rows. */
  async statement(text: string, options: RunOptions = {}, parameters?: Parameters): Promise<LogicalPlan> {
    const statement = await analyzeStatement(parseStatement(text), this.analyzerContext(parameters))
    return await execute(statement, this, options)
  }

  /** The plan of a query. */
  async analyze(query: string): Promise<LogicalPlan> {
    return await analyzeQuery(parseQuery(query), this.analyzerContext())
  }

  /**
   * A file, folder or glob as a temporary view; the ending of the name, or of the first file, tells the
   * format.
   */
  async registerPath(name: string, path: string): Promise<void> {
    const { source, options } = await formatOfPath(path)
    const table = await this.describeSource(source, options, null)
    this.catalog.setView(name, { kind: 'table', table: { ...table, name } })
  }

  /** What a connector tells of a table. */
  async describeSource(source: string, options: SourceOptions, declared: Schema | null): Promise<TableRef> {
    const connector = sourceOf(source)
    const context = this.runner.driverContext(this.settings())
    try {
      const description = await connector.describe(options, declared, context)
      const name = options['path'] === undefined ? source : `${source}.\`${options['path']}\``
      return { name, source: connector.name, options, ...description }
    } finally {
      context.close()
    }
  }

  /** A stored table as it is now. An empty one has no files yet. */
  async describeTable(table: Omit<TableRef, 'statistics'>): Promise<TableRef> {
    const path = table.options['path']
    const isEmpty = path !== undefined && (await fileSystemOf(path).stat(path)) === null
    if (isEmpty) return { ...table, statistics: { rowCount: 0, sizeBytes: 0 } }
    try {
      const { statistics } = await this.describeSource(table.source, table.options, table.schema)
      return { ...table, statistics }
    } catch (error) {
      if (error instanceof EngineError && error.code === 'FILE_NOT_FOUND')
        return { ...table, statistics: { rowCount: 0, sizeBytes: 0 } }
      throw error
    }
  }

  /** Does something when the session ends; gives what takes that back. */
  onStop(work: () => void): () => void {
    this.#atStop.add(work)
    return () => this.#atStop.delete(work)
  }

  async stop(): Promise<void> {
    for (const query of this.streams.values()) await query.stop()
    for (const work of [...this.#atStop]) work()
    this.#atStop.clear()
    await this.jobs.stop()
    this.pool.spill.remove()
    await this.#profiler?.write()
  }
}

/** TZ if it names a zone. */
function environmentZone(): string | null {
  const zone = process.env['TZ']?.replace(/^:/, '')
  return zone === undefined || zone === '' ? null : zone
}
