import { isAbsolute } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A place in what runs: before source maps. Line and column count from 1. */
export interface Frame {
  readonly file: string
  readonly line: number
  readonly column: number
}

const HOME = fileURLToPath(new URL('../../', import.meta.url))
const OWN_FOLDERS = ['driver', 'sql', 'engine', 'connectors', 'bundle'].map((folder) => `${HOME}${folder}/`)

/**
 * The frames of the program that called us, nearest first. Frames of this package, of Node and of packages
 * are left out.
 */
export function callFrames(): readonly Frame[] {
  const { prepareStackTrace, stackTraceLimit } = Error
  try {
    Error.stackTraceLimit = 30
    Error.prepareStackTrace = (_, sites) => sites
    // With the hook above the stack is an array of sites.
    const sites = new Error('where').stack as unknown as readonly NodeJS.CallSite[]
    return sites.flatMap(frameOf)
  } finally {
    Error.prepareStackTrace = prepareStackTrace
    Error.stackTraceLimit = stackTraceLimit
  }
}

function frameOf(site: NodeJS.CallSite): Frame[] {
  const name = site.getFileName()
  const [line, column] = [site.getLineNumber(), site.getColumnNumber()]
  if (typeof name !== 'string' || line === null || column === null) return []
  const file = name.startsWith('file:') ? fileURLToPath(name) : name
  const isOurs = OWN_FOLDERS.some((folder) => file.startsWith(folder))
  return isOurs || !isAbsolute(file) || file.includes('/node_modules/') ? [] : [{ file, line, column }]
}
