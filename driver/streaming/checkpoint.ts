import type { FileSystem, StreamOffset } from '../../engine/connect/index.ts'
import { EngineError } from '../../engine/errors.ts'

/** Written when a query starts for the first time; it does not change after that. */
export interface QueryMetadata {
  readonly formatVersion: 1
  readonly queryId: string
  /** What each source is, in order: connector and options that name it. */
  readonly sources: readonly string[]
  /** Stateful operators in the order of the plan: kind, keys and types, as `planFingerprint` says. */
  readonly operators: readonly string[]
  readonly outputMode: string
}

/** What one batch reads, fixed before anything runs. */
export interface BatchRange {
  readonly from: StreamOffset
  readonly to: StreamOffset
}

/** `offsets/N`: everything a batch depends on, so that doing it again gives the same. */
export interface BatchRecord {
  readonly batchId: number
  readonly ranges: readonly BatchRange[]
  /** `current_timestamp`, in microseconds since 1970. */
  readonly nowMicros: string
  readonly randomSeed: number
  /** Event time before which rows are late, by watermark of the plan; null: none yet. */
  readonly watermarkMicros: string | null
  /** The same of the batch before, by which its state was freed. */
  readonly previousMicros: string | null
  readonly statePartitions: number
  /** The last batch of a run that drains: windows close, whatever the watermark says. */
  readonly isLast: boolean
}

/** Files that hold the changes or the whole of an operator's state after a batch, by partition. */
export interface StateFiles {
  readonly operator: number
  readonly isSnapshot: boolean
  /** Relative to the checkpoint; null: nothing changed. */
  readonly files: readonly (string | null)[]
  readonly rowCount: number
  readonly bytes: number
}

/** `commits/N`: the batch is over, and this is what the next one begins with. */
export interface CommitRecord {
  readonly batchId: number
  readonly watermarkMicros: string | null
  /** Newest event time seen by source and partition, for the watermark. */
  readonly eventTimes: Readonly<Record<string, string>>
  readonly state: readonly StateFiles[]
}

/** Numbers in names are padded, so that names sort as numbers do. */
const DIGITS = 9

/**
 * The folder of a streaming query, on any file system.
 *
 *     metadata            QueryMetadata
 *     offsets/000000012   BatchRecord, before batch 12 runs
 *     commits/000000012   CommitRecord, when its rows are in the sink
 *     state/…             files that commits name
 *
 * Every file is made once, whole, under a name that must not be there: of two processes that run one query,
 * the second is told so.
 */
export class Checkpoint {
  readonly path: string
  readonly #fileSystem: FileSystem

  constructor(fileSystem: FileSystem, path: string) {
    this.#fileSystem = fileSystem
    this.path = path.replace(/\/+$/, '')
  }

  async metadata(): Promise<QueryMetadata | null> {
    return (await this.#read('metadata')) as QueryMetadata | null
  }

  async writeMetadata(metadata: QueryMetadata): Promise<void> {
    await this.#write('metadata', metadata)
  }

  async batch(batchId: number): Promise<BatchRecord | null> {
    return (await this.#read(`offsets/${numbered(batchId)}`)) as BatchRecord | null
  }

  async writeBatch(record: BatchRecord): Promise<void> {
    await this.#write(`offsets/${numbered(record.batchId)}`, record)
  }

  async commit(batchId: number): Promise<CommitRecord | null> {
    return (await this.#read(`commits/${numbered(batchId)}`)) as CommitRecord | null
  }

  async writeCommit(record: CommitRecord): Promise<void> {
    await this.#write(`commits/${numbered(record.batchId)}`, record)
  }

  /** Numbers of the batches that were begun, ascending. */
  async batchIds(): Promise<readonly number[]> {
    return await this.#numbersIn('offsets')
  }

  /** Numbers of the batches that are over, ascending. */
  async commitIds(): Promise<readonly number[]> {
    return await this.#numbersIn('commits')
  }

  /**
   * Removes records before `oldest`, and state files that no record from there on names. Others may have been
   * written by attempts that did not count.
   */
  async clean(oldest: number, stateFiles: ReadonlySet<string>): Promise<void> {
    for (const folder of ['offsets', 'commits'])
      for (const id of await this.#numbersIn(folder))
        if (id < oldest) await this.#fileSystem.remove(`${this.path}/${folder}/${numbered(id)}`)
    for (const operator of await this.#list('state'))
      for (const file of await this.#list(`state/${operator}`)) {
        const name = `state/${operator}/${file}`
        // Of this batch and later ones, attempts may be writing.
        if (!stateFiles.has(name) && Number.parseInt(file, 10) < oldest)
          await this.#fileSystem.remove(`${this.path}/${name}`)
      }
  }

  async #read(name: string): Promise<unknown> {
    const path = `${this.path}/${name}`
    if ((await this.#fileSystem.stat(path)) === null) return null
    const file = await this.#fileSystem.open(path)
    try {
      const bytes = new Uint8Array(file.sizeBytes)
      await file.read(0, bytes)
      return JSON.parse(new TextDecoder().decode(bytes)) as unknown
    } catch (cause) {
      if (!(cause instanceof SyntaxError)) throw cause
      throw new EngineError(
        'CHECKPOINT_CORRUPT',
        `file "${path}" of the checkpoint is not what was written`,
        {
          hint: 'Restore it from a copy, or start the query anew with another checkpoint.',
          cause,
        },
      )
    } finally {
      await file.close()
    }
  }

  async #write(name: string, value: object): Promise<void> {
    const path = `${this.path}/${name}`
    try {
      const writer = await this.#fileSystem.create(path, { exclusive: true })
      try {
        await writer.write(new TextEncoder().encode(`${JSON.stringify(value)}\n`))
        await writer.close()
      } catch (error) {
        await writer.abort()
        throw error
      }
    } catch (cause) {
      if (!(cause instanceof EngineError) || cause.code !== 'PATH_ALREADY_EXISTS') throw cause
      throw new EngineError(
        'CONCURRENT_STREAM',
        `another process runs the query of checkpoint "${this.path}"`,
        {
          hint: 'Stop it first, or give this query a checkpoint of its own.',
          cause,
        },
      )
    }
  }

  async #numbersIn(folder: string): Promise<readonly number[]> {
    const names = (await this.#list(folder)).filter((name) => /^\d+$/.test(name))
    return names.map(Number).sort((a, b) => a - b)
  }

  async #list(folder: string): Promise<readonly string[]> {
    const path = `${this.path}/${folder}`
    if ((await this.#fileSystem.stat(path)) === null) return []
    const members = await this.#fileSystem.list(path)
    return members.map((member) => member.path.slice(member.path.lastIndexOf('/') + 1))
  }
}

function numbered(batchId: number): string {
  return String(batchId).padStart(DIGITS, '0')
}
