import { isUtf8 } from 'node:buffer'
import type { FileInfo, FileSystem } from '../../engine/connect/index.ts'
import { EngineError } from '../../engine/errors.ts'

/**
 * A data file and the partition folders it lies in: `{ country: 'FR' }` for `…/country=FR/part-0.parquet`.
 */
export interface DataFile extends FileInfo {
  /** Raw text by column; null for `__HIVE_DEFAULT_PARTITION__`. */
  readonly partition: Readonly<Record<string, string | null>>
}

/** The folder name that stands for NULL. */
export const NULL_PARTITION = '__HIVE_DEFAULT_PARTITION__'

/**
 * The data files of a path: a file, a folder (with all folders below it), a glob (`*`, `?`, `[a-z]`, `{a,b}`,
 * `**`), or several of these separated by commas. Names that begin with `_` or `.` are left out, as in Spark.
 * In order of path.
 */
export async function listDataFiles(fileSystem: FileSystem, paths: string): Promise<readonly DataFile[]> {
  const files: DataFile[] = []
  for (const path of splitPaths(paths)) {
    const found = isGlob(path) ? await expandGlob(fileSystem, path) : [path]
    for (const each of found) await addFiles(fileSystem, each, files)
  }
  if (files.length === 0)
    throw new EngineError('FILE_NOT_FOUND', `path "${paths}" has no data files`, {
      hint: 'Check the path; it is relative to the folder the program was started in.',
    })
  return files
}

/** Commas separate paths, but not inside the braces of a glob. */
function splitPaths(paths: string): string[] {
  const parts: string[] = []
  let depth = 0
  let current = ''
  for (const char of paths) {
    if (char === '{') depth++
    if (char === '}') depth--
    if (char === ',' && depth === 0) {
      parts.push(current)
      current = ''
    } else current += char
  }
  parts.push(current)
  return parts.map((part) => part.trim()).filter((part) => part !== '')
}

async function addFiles(fileSystem: FileSystem, path: string, files: DataFile[]): Promise<void> {
  const info = await fileSystem.stat(path)
  if (info === null) {
    throw new EngineError('FILE_NOT_FOUND', `path "${path}" does not exist`, {
      position: { file: path },
      hint: 'Check the path; it is relative to the folder the program was started in.',
    })
  }
  if (info.isDirectory) await addFolder(fileSystem, path, {}, files)
  else files.push({ ...info, partition: partitionOfPath(path) })
}

async function addFolder(
  fileSystem: FileSystem,
  path: string,
  partition: DataFile['partition'],
  files: DataFile[],
): Promise<void> {
  for (const member of await fileSystem.list(path)) {
    const name = lastName(member.path)
    if (name.startsWith('.') || (name.startsWith('_') && !name.includes('='))) continue
    if (!member.isDirectory) files.push({ ...member, partition })
    else await addFolder(fileSystem, member.path, { ...partition, ...partitionOfName(name) }, files)
  }
}

function lastName(path: string): string {
  return path.replace(/\/+$/, '').split('/').at(-1) ?? ''
}

function partitionOfName(name: string): DataFile['partition'] {
  const equals = name.indexOf('=')
  if (equals <= 0) return {}
  const value = unescapeName(name.slice(equals + 1))
  return { [unescapeName(name.slice(0, equals))]: value === NULL_PARTITION ? null : value }
}

/** Files named one by one still belong to the partition folders in their path. */
export function partitionOfPath(path: string): DataFile['partition'] {
  const folders = path.split('/').slice(0, -1)
  return Object.assign({}, ...folders.map(partitionOfName)) as DataFile['partition']
}

/** A value as a folder name may hold it; `unescapeName` reads it back. */
export function escapeName(text: string): string {
  return text.replace(/["#%'*/:=?\\{}[\]^]|\p{Cc}/gu, (char) => {
    return `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
  })
}

/**
 * Spark and Hive escape ASCII only; DuckDB, Polars and pyarrow also each byte of UTF-8. Bytes that are no
 * UTF-8 are characters of their own, as in Spark.
 */
function unescapeName(text: string): string {
  return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) => {
    const bytes = Buffer.from(run.replaceAll('%', ''), 'hex')
    return bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1')
  })
}

function isGlob(path: string): boolean {
  return /[*?[\]{}]/.test(path) && !/^https?:/i.test(path)
}

/** Paths that match a glob, in order; folders match as a whole. */
async function expandGlob(fileSystem: FileSystem, glob: string): Promise<string[]> {
  const segments = glob.split('/')
  const fixed = segments.findIndex(isGlob)
  let paths = [segments.slice(0, fixed).join('/') || (glob.startsWith('/') ? '/' : '')]
  for (let i = fixed; i < segments.length; i++) {
    const segment = segments[i]!
    const next: string[] = []
    for (const path of paths) next.push(...(await matchSegment(fileSystem, path, segment)))
    paths = next
  }
  return paths.sort()
}

async function matchSegment(fileSystem: FileSystem, folder: string, segment: string): Promise<string[]> {
  const info = await fileSystem.stat(folder === '' ? '.' : folder)
  if (info === null || !info.isDirectory) return []
  if (segment === '**') return [folder, ...(await foldersBelow(fileSystem, folder))]
  if (!isGlob(segment)) {
    const path = joinPath(folder, segment)
    return (await fileSystem.stat(path)) === null ? [] : [path]
  }
  const pattern = globPattern(segment)
  const members = await fileSystem.list(folder === '' ? '.' : folder)
  const names = members.map((member) => lastName(member.path))
  return names
    .filter((name) => pattern.test(name) && !name.startsWith('.'))
    .map((name) => joinPath(folder, name))
}

async function foldersBelow(fileSystem: FileSystem, folder: string): Promise<string[]> {
  const found: string[] = []
  for (const member of await fileSystem.list(folder === '' ? '.' : folder)) {
    if (!member.isDirectory) continue
    const path = joinPath(folder, lastName(member.path))
    found.push(path, ...(await foldersBelow(fileSystem, path)))
  }
  return found
}

function joinPath(folder: string, name: string): string {
  return folder === '' || folder.endsWith('/') ? folder + name : `${folder}/${name}`
}

/** One segment of a glob as a regular expression. */
export function globPattern(segment: string): RegExp {
  let source = ''
  let depth = 0
  for (let i = 0; i < segment.length; i++) {
    const char = segment[i]!
    const close = char === '[' ? segment.indexOf(']', i + 1) : -1
    if (char === '*') source += '[^/]*'
    else if (char === '?') source += '[^/]'
    else if (char === '{') {
      depth++
      source += '(?:'
    } else if (char === '}' && depth > 0) {
      depth--
      source += ')'
    } else if (char === ',' && depth > 0) source += '|'
    else if (close > 0) {
      source += `[${segment
        .slice(i + 1, close)
        .replace(/^!/, '^')
        .replace(/\\/g, '\\\\')}]`
      i = close
    } else source += char.replace(/[\\^$.|+()[\]{}*?]/g, '\\$&')
  }
  return new RegExp(`^${source}$`)
}
