import { EngineError } from '../engine/errors.ts'
import { exitCodes } from './arguments.ts'

/**
 * Writes an error for a person: condition, place, the line of text it is about, hint. Gives the exit code.
 */
export function reportError(error: unknown, text?: string): number {
  process.stderr.write(`${describeError(error, text)}\n`)
  return error instanceof EngineError && error.code === 'CANCELLED' ? exitCodes.cancelled : exitCodes.failed
}

/** An error as lines of text; errors that are not ours show their stack. */
export function describeError(error: unknown, text?: string): string {
  if (!(error instanceof EngineError))
    return error instanceof Error ? (error.stack ?? error.message) : String(error)
  const lines = [`error [${error.code}]: ${error.message}`]
  const { position } = error
  if (position?.line !== undefined && position.file === undefined && text !== undefined) {
    const line = text.split('\n')[position.line - 1] ?? ''
    const prefix = `  ${position.line} | `
    lines.push(prefix + line, `${' '.repeat(prefix.length + (position.column ?? 1) - 1)}^`)
  }
  if (position?.file !== undefined) {
    const place = [position.file, position.line, position.column]
      .filter((part) => part !== undefined)
      .join(':')
    lines.push(`  at ${place}${position.offset === undefined ? '' : ` (byte ${position.offset})`}`)
  }
  if (error.hint !== undefined) lines.push(`hint: ${error.hint}`)
  if (error.code === 'INTERNAL_ERROR' && error.stack !== undefined) lines.push(error.stack)
  return lines.join('\n')
}
