import { SourceMap, type SourceMapPayload } from 'node:module'
import { resolve } from 'node:path'
import { EngineError } from '../errors.ts'
import type { LoadedFunction, ShippedFunction } from './shipped-function.ts'

/** The name under which V8 knows a shipped function, so that its lines can be found in stacks. */
export function scriptName(functionId: string): string {
  return `millrace-function-${functionId}`
}

/** USER_CODE_FAILED with the program's own message and lines. Errors of the engine pass as they are. */
export function userError(cause: unknown, fn: LoadedFunction): EngineError {
  if (cause instanceof EngineError) return cause
  const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)
  const stack = cause instanceof Error ? ownLines(cause.stack ?? '', fn.shipped) : undefined
  if (cause instanceof Error && stack !== undefined) cause.stack = stack
  const position = stack === undefined ? undefined : firstPosition(stack)
  const error = new EngineError('USER_CODE_FAILED', `the function of ${fn.shipped.name} failed: ${reason}`, {
    cause,
    position,
  })
  if (stack !== undefined) error.stack = `EngineError: ${error.message}\n${framesOf(stack)}`
  return error
}

/**
 * A stack whose frames in shipped text show where it stands in the program; frames of ours behind them are
 * left out.
 */
function ownLines(stack: string, fn: ShippedFunction): string {
  const places = new Map(
    [fn, ...Object.values(fn.functions)].map((each) => [scriptName(each.functionId), each.place]),
  )
  const lines = stack.split('\n')
  let last = -1
  for (const [index, line] of lines.entries()) {
    const own = inModule(inFunction(line, places))
    if (own === line) continue
    lines[index] = own
    last = index
  }
  return last < 0 ? stack : lines.slice(0, last + 1).join('\n')
}

function inFunction(frame: string, places: ReadonlyMap<string, ShippedFunction['place']>): string {
  return frame.replace(
    /(millrace-function-\w+):(\d+):(\d+)/,
    (text, script: string, line: string, column: string) => {
      const place = places.get(script)
      return place == null
        ? text
        : `${place.file}:${place.lines[Number(line) - 1] ?? place.lines.at(-1)}:${column}`
    },
  )
}

/** Imported modules are run from data: URLs, which hold their source map. */
function inModule(frame: string): string {
  const match = /data:text\/javascript;base64,([\w+/=]+):(\d+):(\d+)/.exec(frame)
  if (match === null) return frame
  const [text, body = '', line, column] = match
  const source = Buffer.from(body, 'base64').toString('utf8')
  const map = /sourceMappingURL=data:application\/json;base64,([\w+/=]+)\s*$/.exec(source)?.[1]
  if (map === undefined) return frame.replace(text, `imported module:${line}:${column}`)
  const payload = JSON.parse(Buffer.from(map, 'base64').toString('utf8'))
  const { sourceRoot, ...rest } = payload as SourceMapPayload
  const entry = new SourceMap(rest as SourceMapPayload).findEntry(Number(line) - 1, Number(column) - 1)
  if (!('originalSource' in entry)) return frame.replace(text, `imported module:${line}:${column}`)
  const file = resolve(sourceRoot ?? '', entry.originalSource)
  return frame.replace(text, `${file}:${entry.originalLine + 1}:${entry.originalColumn + 1}`)
}

function framesOf(stack: string): string {
  const lines = stack.split('\n')
  const first = lines.findIndex((line) => /^\s+at /.test(line))
  return first < 0 ? '' : lines.slice(first).join('\n')
}

/** File and line of the first frame. */
function firstPosition(stack: string): { readonly file: string; readonly line: number } | undefined {
  const match = /^\s+at (?:.*\()?(.+?):(\d+):\d+\)?$/m.exec(stack)
  return match === null ? undefined : { file: match[1]!, line: Number(match[2]) }
}
