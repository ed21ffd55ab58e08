import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { EngineError } from '../../engine/errors.ts'

/**
 * A line of the program that made a DataFrame: an error that never was thrown, whose stack is read only if
 * needed.
 */
export interface CallSite {
  readonly stack?: string | undefined
}

/** Frames that may stand between a method and the program. */
const FRAMES = 12

/** Where the program is now. Costs a few microseconds. */
export function captureCallSite(): CallSite {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = FRAMES
  const site: CallSite = {}
  Error.captureStackTrace(site, captureCallSite)
  Error.stackTraceLimit = stackTraceLimit
  return site
}

interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
}

const HOME = fileURLToPath(new URL('../../', import.meta.url))
const OWN_FOLDERS = ['sql', 'driver', 'engine', 'connectors', 'cli', 'worker', 'bundle'].map(
  (folder) => `${HOME}${folder}/`,
)

/** The first frame outside this package, undefined if there is none. */
export function placeOf(site: CallSite): Place | undefined {
  for (const frame of (site.stack ?? '').split('\n').slice(1)) {
    const match = /\(?((?:file:\/\/|\/|[A-Za-z]:\\)[^()]*?):(\d+):(\d+)\)?$/.exec(frame.trim())
    if (match === null) continue
    const file = match[1]!.startsWith('file://') ? fileURLToPath(match[1]!) : match[1]!
    if (OWN_FOLDERS.some((folder) => file.startsWith(folder))) continue
    return { file, line: Number(match[2]), column: Number(match[3]) }
  }
  return undefined
}

/** The error with the line of the program that the step was written in; other errors as they are. */
export function withCallSite(error: unknown, site: CallSite): unknown {
  if (!(error instanceof EngineError) || error.errorClass !== 'user' || located.has(error)) return error
  const place = placeOf(site)
  if (place === undefined) return error
  const { file, line, column } = place
  const name = relative(process.cwd(), file)
  const shown = name.startsWith('..') ? file : name
  const text = `${error.message} (at ${shown}:${line}:${column})`
  // Positions in a SQL text of the step stay; others become the place in the program.
  const position = error.position ?? { file: shown, line, column }
  const result = new EngineError(error.code, text, { hint: error.hint, cause: error, position })
  located.add(result)
  return result
}

/** Errors that have their line: a later step that meets the same error leaves it alone. */
const located = new WeakSet<EngineError>()
