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

/** A stack whose frames in shipped functions show where the text stands in the program; frames of ours are left out. */
function ownLines(stack: string, fn: ShippedFunction): string {
  const places = new Map<string, ShippedFunction>()
  const collect = (each: ShippedFunction): void => {
    places.set(scriptName(each.functionId), each)
    for (const inner of Object.values(each.functions)) collect(inner)
  }
  collect(fn)
  const lines = stack.split('\n').map((line) => line.replace(/millrace-function-(\w+):(\d+):(\d+)/, (text, id, at, column) => {
    const place = places.get(scriptName(id as string))?.place
    if (place === undefined || place === null) return text
    const line = place.lines[Number(at) - 1] ?? place.lines.at(-1)
    return `${place.file}:${line}:${column as string}`
  }))
  const last = lines.findLastIndex((line, index) => line !== stack.split('\n')[index])
  return last < 0 ? stack : lines.slice(0, last + 1).join('\n')
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
