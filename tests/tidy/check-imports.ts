import { dirname, join } from 'node:path/posix'
import type { Fault, SourceFile } from './fault.ts'
import { FREE_FOLDERS, PACKAGES, PARTS, type Part, USER_FOLDERS } from './layer-map.ts'
import { scan } from './scan.ts'

/** Every import of one file that the layer map forbids. */
export function checkImports(file: SourceFile): Fault[] {
  return scan(file.text).imports.flatMap(({ line, from }) => {
    const message = from.startsWith('.') ? relativeFault(file.path, from) : packageFault(file.path, from)
    return message === null ? [] : [{ path: file.path, line, rule: 'layers', message }]
  })
}

function relativeFault(path: string, from: string): string | null {
  const target = join(dirname(path), from)
  const [top = '', folder = ''] = path.split('/')
  const [targetTop = '', targetFolder = ''] = target.split('/')
  if (FREE_FOLDERS.includes(top)) return null
  if (target.startsWith('..')) return `"${from}" leaves the repository`
  const part = PARTS[top]
  if (top !== targetTop) {
    if (FREE_FOLDERS.includes(targetTop)) return `nothing imports ${targetTop}/, but this imports "${target}"`
    if (part === undefined) return `${top}/ imports the package by its name "millrace", not "${target}"`
    if (!part.imports.includes(targetTop)) return `${top}/ may not import ${targetTop}/ ("${target}")`
    return doorFault(target)
  }
  if (part === undefined || (folder === targetFolder && isFolder(path))) return null
  const rank = rankOf(part, path)
  const targetRank = rankOf(part, target)
  // The file itself is a fault of its own: absent from the map.
  if (rank === null || targetRank === null) return null
  if (rank <= targetRank) {
    const order = `${nameOf(target)} is not left of ${nameOf(path)}`
    return `imports "${target}", but ${order} in the order of ${top}/: ${orderOf(part)}`
  }
  return doorFault(target)
}

/**
 * An import from outside a second-level folder ends in a door: its index.ts, or that of a folder within it.
 */
function doorFault(target: string): string | null {
  if (!isFolder(target) || target.endsWith('/index.ts')) return null
  const folder = target.split('/').slice(0, 2).join('/')
  return `imports "${target}" past the door of its folder: import "${folder}/index.ts"`
}

function packageFault(path: string, from: string): string | null {
  const top = path.split('/')[0] ?? ''
  if (from.startsWith('node:') || FREE_FOLDERS.includes(top) || !path.includes('/')) return null
  const name = from.split('/', from.startsWith('@') ? 2 : 1).join('/')
  if (USER_FOLDERS.includes(top) && name === 'millrace') return null
  const places = PACKAGES[name]
  if (places === undefined)
    return `package "${name}" is not in tests/tidy/layer-map.ts; it needs a page in docs/decisions`
  if (places.some((place) => path.startsWith(`${place}/`))) return null
  return `package "${name}" may only be imported in ${places.join(', ')}`
}

/**
 * Place of a file in the order of its part: left files, layers, right files. Null when the map does not know
 * it.
 */
export function rankOf(part: Part, path: string): number | null {
  const name = path.split('/')[1] ?? ''
  if (part.leftFiles?.includes(name)) return -1
  if (isFolder(path)) {
    const layer = part.layers.findIndex((folders) => folders.includes(name))
    return layer < 0 ? null : layer
  }
  const right = part.rightFiles?.indexOf(name) ?? -1
  return right < 0 ? null : part.layers.length + right
}

/** Whether the path lies in a second-level folder, not beside the folders. */
function isFolder(path: string): boolean {
  return path.split('/').length > 2
}

function nameOf(path: string): string {
  return path.split('/')[1] ?? path
}

function orderOf(part: Part): string {
  return part.layers.map((folders) => folders.join(' · ')).join(' → ')
}
