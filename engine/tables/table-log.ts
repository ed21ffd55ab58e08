import type { FileSystem } from '../connect/index.ts'
import { EngineError } from '../errors.ts'
import type { AddFile, TableAction, TableMetaData, TableProtocol } from './actions.ts'
import { formatActions, parseActions } from './actions.ts'

/** A table as one version has it. */
export interface TableSnapshot {
  readonly path: string
  readonly version: number
  readonly protocol: TableProtocol
  readonly metaData: TableMetaData
  /** By path. */
  readonly files: ReadonlyMap<string, AddFile>
  /** The newest version by application. */
  readonly transactions: ReadonlyMap<string, number>
}

/** A commit that lies in the log. */
interface LogEntry {
  readonly version: number
  readonly path: string
  readonly modifiedMs: number
}

/** Which version is read; the newest if neither is given. */
export interface VersionWanted {
  readonly version?: number | undefined
  /** The newest that is not after this time. */
  readonly timestampMs?: number | undefined
}

/**
 * The table in a folder, by its log; null if there is none. FILE_NOT_FOUND for a version that is not there.
 * Commits of other writers that come meanwhile are not seen.
 */
export async function readTable(
  fileSystem: FileSystem,
  path: string,
  wanted: VersionWanted = {},
): Promise<TableSnapshot | null> {
  const entries = await logEntries(fileSystem, path)
  if (entries.length === 0) return null
  const version = chooseVersion(entries, path, wanted)
  const state = new SnapshotState(path)
  for (const entry of entries) {
    if (entry.version > version) break
    if (entry.version !== state.version + 1) throw gap(path, state.version + 1)
    state.apply(entry.version, parseActions(await readText(fileSystem, entry.path), entry.path))
  }
  return state.finish()
}

/** Puts a commit in its place; false if another writer was first. */
export async function commitTable(
  fileSystem: FileSystem,
  path: string,
  version: number,
  actions: readonly TableAction[],
): Promise<boolean> {
  const target = `${logFolder(path)}/${versionName(version)}.json`
  try {
    const writer = await fileSystem.create(target, { exclusive: true })
    try {
      await writer.write(Buffer.from(formatActions(actions)))
    } catch (error) {
      await writer.abort()
      throw error
    }
    await writer.close()
    return true
  } catch (error) {
    if (error instanceof EngineError && error.code === 'PATH_ALREADY_EXISTS') return false
    throw error
  }
}

function logFolder(path: string): string {
  return `${path}/_delta_log`
}

function versionName(version: number): string {
  return String(version).padStart(20, '0')
}

/** Commits in order of version. */
async function logEntries(fileSystem: FileSystem, path: string): Promise<readonly LogEntry[]> {
  const folder = logFolder(path)
  if ((await fileSystem.stat(folder)) === null) return []
  const members = await fileSystem.list(folder)
  const entries = members.flatMap((member): LogEntry[] => {
    const digits = /(?:^|\/)(\d{20})\.json$/.exec(member.path)?.[1]
    return digits === undefined ? [] : [{ ...member, version: Number(digits) }]
  })
  return entries.sort((a, b) => a.version - b.version)
}

function chooseVersion(
  entries: readonly LogEntry[],
  path: string,
  { version, timestampMs }: VersionWanted,
): number {
  const last = entries.at(-1)!.version
  if (version !== undefined) {
    if (version <= last) return version
    throw new EngineError('FILE_NOT_FOUND', `table "${path}" has no version ${version}`, {
      hint: `Its newest version is ${last}.`,
    })
  }
  if (timestampMs === undefined) return last
  const before = entries.filter(({ modifiedMs }) => modifiedMs <= timestampMs).at(-1)
  if (before !== undefined) return before.version
  const first = new Date(entries[0]!.modifiedMs).toISOString()
  throw new EngineError('FILE_NOT_FOUND', `table "${path}" has no version of so early a time`, {
    hint: `The first that is there was committed at ${first}.`,
  })
}

/** Actions of versions, one after the other, as what they add up to. */
class SnapshotState {
  version = -1
  readonly #path: string
  readonly #files = new Map<string, AddFile>()
  readonly #transactions = new Map<string, number>()
  #protocol: TableProtocol | null = null
  #metaData: TableMetaData | null = null

  constructor(path: string) {
    this.#path = path
  }

  apply(version: number, actions: readonly TableAction[]): void {
    for (const { add, remove, metaData, protocol, txn } of actions) {
      // Within a commit a file is either added or removed, so the order does not matter.
      if (remove) this.#files.delete(remove.path)
      if (add) this.#files.set(add.path, add)
      if (metaData) this.#metaData = metaData
      if (protocol) this.#protocol = protocol
      if (txn) this.#transactions.set(txn.appId, txn.version)
    }
    this.version = version
  }

  finish(): TableSnapshot {
    const [protocol, metaData] = [this.#protocol, this.#metaData]
    if (protocol === null || metaData === null)
      throw new EngineError('CORRUPT_FILE', `the log of table "${this.#path}" lacks its first entries`)
    return {
      path: this.#path,
      version: this.version,
      protocol,
      metaData,
      files: this.#files,
      transactions: this.#transactions,
    }
  }
}

function gap(path: string, version: number): EngineError {
  return new EngineError('CORRUPT_FILE', `the log of table "${path}" lacks version ${version}`)
}

async function readText(fileSystem: FileSystem, path: string): Promise<string> {
  const pieces: Uint8Array[] = []
  for await (const piece of fileSystem.stream(path, 0, 1 << 20)) pieces.push(piece)
  return Buffer.concat(pieces).toString('utf8')
}
