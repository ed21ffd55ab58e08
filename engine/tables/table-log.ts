import type { FileInfo, FileSystem, SourceContext } from '../connect/index.ts'
import { EngineError } from '../errors.ts'
import type { AddFile, RemoveFile, TableAction, TableMetaData, TableProtocol } from './actions.ts'
import { formatActions, parseActions } from './actions.ts'
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts'

/** A table as one version has it. */
export interface TableSnapshot {
  readonly path: string
  readonly version: number
  readonly protocol: TableProtocol
  readonly metaData: TableMetaData
  /** By path. */
  readonly files: ReadonlyMap<string, AddFile>
  /** Files that a cleaning up may find, by path. */
  readonly removed: ReadonlyMap<string, RemoveFile>
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

/** All that a version adds up to, in one or more Parquet files. */
interface Checkpoint {
  readonly version: number
  readonly paths: readonly string[]
}

/** A checkpoint is written after so many commits. */
const CHECKPOINT_EVERY = 10

/** Removed files are named in checkpoints for so long, so that a cleaning up finds them. */
const REMOVED_MS = 7 * 86_400_000

/**
 * The table in a folder, by its log; null if there is none. FILE_NOT_FOUND for a version that is not there.
 * Commits of other writers that come meanwhile are not seen.
 */
export async function readTable(
  context: SourceContext,
  path: string,
  wanted: VersionWanted = {},
): Promise<TableSnapshot | null> {
  const fileSystem = context.fileSystem(path)
  const members = await logMembers(fileSystem, path)
  const entries = entriesOf(members)
  const checkpoints = checkpointsOf(members)
  if (entries.length === 0 && checkpoints.length === 0) return null
  const version = chooseVersion(entries, checkpoints.at(-1)?.version ?? -1, path, wanted)
  const state = new SnapshotState(path)
  const checkpoint = checkpoints.filter((each) => each.version <= version).at(-1)
  for (const part of checkpoint?.paths ?? []) state.apply(await readCheckpoint(part, context))
  state.version = checkpoint?.version ?? -1
  for (const entry of entries) {
    if (entry.version <= state.version) continue
    if (entry.version > version) break
    if (entry.version !== state.version + 1) throw gap(path, state.version + 1)
    state.apply(parseActions(await readText(fileSystem, entry.path), entry.path))
    state.version = entry.version
  }
  if (state.version !== version) throw gap(path, state.version + 1)
  return state.finish()
}

/** Writes a checkpoint of a version, if one is due, so that readers need not read all commits before. */
export async function checkpointTable(context: SourceContext, path: string, version: number): Promise<void> {
  if (version === 0 || version % CHECKPOINT_EVERY !== 0) return
  const snapshot = await readTable(context, path, { version })
  if (snapshot === null) throw gap(path, version)
  const { protocol, metaData, transactions, files, removed } = snapshot
  const since = Date.now() - REMOVED_MS
  const actions: TableAction[] = [
    { protocol },
    { metaData },
    ...[...transactions].map(([appId, newest]) => ({ txn: { appId, version: newest } })),
    ...[...files.values()].map((add) => ({ add: { ...add, dataChange: false } })),
    ...[...removed.values()]
      .filter(({ deletionTimestamp }) => deletionTimestamp >= since)
      .map((remove) => ({ remove: { ...remove, dataChange: false } })),
  ]
  await writeCheckpoint(`${logFolder(path)}/${versionName(version)}.checkpoint.parquet`, actions, context)
  const pointer = await context.fileSystem(path).create(`${logFolder(path)}/_last_checkpoint`)
  await pointer.write(Buffer.from(JSON.stringify({ version, size: actions.length })))
  await pointer.close()
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

async function logMembers(fileSystem: FileSystem, path: string): Promise<readonly FileInfo[]> {
  const folder = logFolder(path)
  return (await fileSystem.stat(folder)) === null ? [] : await fileSystem.list(folder)
}

/** Commits in order of version. */
function entriesOf(members: readonly FileInfo[]): readonly LogEntry[] {
  const entries = members.flatMap((member): LogEntry[] => {
    const digits = /(?:^|\/)(\d{20})\.json$/.exec(member.path)?.[1]
    return digits === undefined ? [] : [{ ...member, version: Number(digits) }]
  })
  return entries.sort((a, b) => a.version - b.version)
}

/** Checkpoints of which all parts are there, in order of version. */
function checkpointsOf(members: readonly FileInfo[]): readonly Checkpoint[] {
  const parts = new Map<string, string[]>()
  for (const { path } of members) {
    const found = /(?:^|\/)(\d{20})\.checkpoint(?:\.\d{10}\.(\d{10}))?\.parquet$/.exec(path)
    if (found === null) continue
    const key = `${found[1]}/${Number(found[2] ?? 1)}`
    parts.set(key, [...(parts.get(key) ?? []), path])
  }
  const whole = [...parts].filter(([key, paths]) => paths.length === Number(key.split('/')[1]))
  return whole
    .map(([key, paths]) => ({ version: Number(key.split('/')[0]), paths }))
    .sort((a, b) => a.version - b.version)
}

function chooseVersion(
  entries: readonly LogEntry[],
  lastCheckpoint: number,
  path: string,
  { version, timestampMs }: VersionWanted,
): number {
  const last = Math.max(lastCheckpoint, entries.at(-1)?.version ?? -1)
  if (version !== undefined) {
    if (version <= last) return version
    throw new EngineError('FILE_NOT_FOUND', `table "${path}" has no version ${version}`, {
      hint: `Its newest version is ${last}.`,
    })
  }
  if (timestampMs === undefined) return last
  const before = entries.filter(({ modifiedMs }) => modifiedMs <= timestampMs).at(-1)
  if (before !== undefined) return before.version
  const first = new Date(entries[0]?.modifiedMs ?? 0).toISOString()
  throw new EngineError('FILE_NOT_FOUND', `table "${path}" has no version of so early a time`, {
    hint: `The first that is there was committed at ${first}.`,
  })
}

/** Actions of versions, one after the other, as what they add up to. */
class SnapshotState {
  version = -1
  readonly #path: string
  readonly #files = new Map<string, AddFile>()
  readonly #removed = new Map<string, RemoveFile>()
  readonly #transactions = new Map<string, number>()
  #protocol: TableProtocol | null = null
  #metaData: TableMetaData | null = null

  constructor(path: string) {
    this.#path = path
  }

  apply(actions: readonly TableAction[]): void {
    for (const { add, remove, metaData, protocol, txn } of actions) {
      // Within a commit a file is either added or removed, so the order does not matter.
      if (remove) {
        this.#files.delete(remove.path)
        this.#removed.set(remove.path, remove)
      }
      if (add) {
        this.#files.set(add.path, add)
        this.#removed.delete(add.path)
      }
      if (metaData) this.#metaData = metaData
      if (protocol) this.#protocol = protocol
      if (txn) this.#transactions.set(txn.appId, txn.version)
    }
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
      removed: this.#removed,
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
