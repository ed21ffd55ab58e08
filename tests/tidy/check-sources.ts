import { checkComments } from './check-comments.ts'
import { checkImports, rankOf } from './check-imports.ts'
import type { Fault, SourceFile } from './fault.ts'
import { FREE_FOLDERS, OTHER_FOLDERS, PARTS, USER_FOLDERS } from './layer-map.ts'

const LINES_MAX = 300
const COLUMNS_MAX = 110
const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/
const EMPTY_NAMES = ['utils', 'util', 'helpers', 'helper', 'common', 'misc']

/** Every breach of the rules that no other tool checks. Pure: planted faults are data. */
export function checkSources(files: readonly SourceFile[]): Fault[] {
  const faults = files.flatMap((file) => [
    ...checkPlace(file),
    ...checkName(file),
    ...checkLength(file),
    ...(isTypeScript(file) ? [...checkComments(file), ...checkImports(file)] : []),
  ])
  return [...faults, ...checkDoors(files)]
}

/** A file lies in a folder that the layer map names, or is a file it names. */
function checkPlace({ path }: SourceFile): Fault[] {
  const [top = '', name = ''] = path.split('/')
  const fault = (message: string): Fault[] => [{ path, line: 0, rule: 'folders', message }]
  if (!path.includes('/')) {
    if (path === 'vitest.config.ts' || !path.endsWith('.ts')) return []
    return fault(`a source file at the root: it belongs into a folder`)
  }
  if ([...USER_FOLDERS, ...FREE_FOLDERS, ...OTHER_FOLDERS].includes(top)) return []
  const part = PARTS[top]
  if (part === undefined) return fault(`folder "${top}" is absent from tests/tidy/layer-map.ts`)
  const open = part.layers.length === 0 || path.endsWith('.d.ts') || !path.endsWith('.ts')
  if (open || rankOf(part, path) !== null) return []
  const kind = path.split('/').length > 2 ? 'folder' : 'file'
  return fault(`${kind} "${top}/${name}" is absent from tests/tidy/layer-map.ts`)
}

function checkName({ path }: SourceFile): Fault[] {
  const segments = path.split('/')
  const fault = (message: string): Fault[] => [{ path, line: 0, rule: 'names', message }]
  if (segments.length < 2) return []
  const odd = segments.find((segment) => !KEBAB.test(segment))
  if (odd !== undefined) return fault(`"${odd}" is not kebab-case`)
  const bases = segments.map((segment) => segment.split('.')[0] ?? '')
  const empty = bases.find((base) => EMPTY_NAMES.includes(base))
  if (empty !== undefined) return fault(`"${empty}" names no concept`)
  return bases.at(-1) === 'types' ? fault('"types" names no concept: name the file after the thing') : []
}

function checkLength({ path, text }: SourceFile): Fault[] {
  const lines = text.replace(/\n$/, '').split('\n')
  const long = isTypeScript({ path, text }) && lines.length > LINES_MAX
  const tooLong = `${lines.length} lines, at most ${LINES_MAX}: a concept is hiding, name it`
  const faults: Fault[] = long ? [{ path, line: 0, rule: 'length', message: tooLong }] : []
  lines.forEach((line, index) => {
    const isFixed =
      line.includes('://') || path.endsWith('.slt') || path.endsWith('.md') || isText(path, line)
    const columns = [...line].length
    if (columns <= COLUMNS_MAX || isFixed) return
    faults.push({
      path,
      line: index + 1,
      rule: 'length',
      message: `${columns} columns, at most ${COLUMNS_MAX}`,
    })
  })
  return faults
}

/** A line of a test that is one string, such as a query or the name of a case, cannot be broken. */
function isText(path: string, line: string): boolean {
  return path.startsWith('tests/') && /^\s*((test|it)\()?['"`].*['"`][,)]?( async \(\) => \{)?,?$/.test(line)
}

/** Every second-level folder of the sources has a door, an index.ts that opens with a doc comment. */
function checkDoors(files: readonly SourceFile[]): Fault[] {
  const byPath = new Map(files.map((file) => [file.path, file.text]))
  const folders = new Set(
    files
      .filter(
        ({ path }) => PARTS[path.split('/')[0] ?? ''] !== undefined && /^[^/]+\/[^/]+\/.*\.ts$/.test(path),
      )
      .map(({ path }) => path.split('/').slice(0, 2).join('/')),
  )
  return [...folders].sort().flatMap((folder): Fault[] => {
    const path = `${folder}/index.ts`
    const text = byPath.get(path)
    if (text === undefined)
      return [{ path, line: 0, rule: 'doors', message: `folder "${folder}" has no index.ts` }]
    if (text.trimStart().startsWith('/**')) return []
    const message = 'a door opens with a doc comment: what lives here, what does not, where to start'
    return [{ path, line: 1, rule: 'doors', message }]
  })
}

function isTypeScript({ path }: SourceFile): boolean {
  return path.endsWith('.ts')
}
