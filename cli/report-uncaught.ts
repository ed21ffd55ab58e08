import { fileURLToPath } from 'node:url'
import { EngineError } from '../engine/errors.ts'
import { exitCodes } from './arguments.ts'
import { describeError } from './report-error.ts'

/** Folder of the package's built files and of their sources: frames there are ours. */
const OWN = fileURLToPath(new URL('../../', import.meta.url))
const OWN_FOLDERS = 'engine|sql|connectors|proto|worker|driver|cli|bundle'
const OWN_FRAME = new RegExp(`${OWN.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?:dist/)?(?:${OWN_FOLDERS})/`)

process.on('uncaughtException', (error: unknown) => {
  process.stderr.write(`${describeUncaught(error)}\n`)
  process.exit(
    error instanceof EngineError && error.code === 'CANCELLED' ? exitCodes.cancelled : exitCodes.failed,
  )
})

/** The error, and the frames of its stack that are the program's. */
function describeUncaught(error: unknown): string {
  if (!(error instanceof Error)) return `error: a program threw ${String(error)}`
  const isBug = error instanceof EngineError && error.errorClass === 'internal'
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  const shown = isBug ? [] : frames.filter((frame) => !OWN_FRAME.test(frame) && !/\(?node:/.test(frame))
  const head = error instanceof EngineError ? describeError(error) : `${error.name}: ${error.message}`
  const cause =
    error.cause instanceof EngineError || error.cause === undefined
      ? []
      : [`cause: ${describeCause(error.cause)}`]
  return [head, ...shown, ...cause].join('\n')
}

function describeCause(cause: unknown): string {
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
}
