import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { EngineError } from '../engine/errors.ts'
import {
  type Arguments,
  type Command,
  clusterFlags,
  executorFlags,
  exitCodes,
  sessionFlags,
} from './arguments.ts'
import { bundleProgram } from './bundle-program.ts'
import { reportError } from './report-error.ts'

const flags = [...sessionFlags, ...clusterFlags, ...executorFlags]

/** `millrace submit`: bundles a program and runs it. */
export const submitCommand: Command = {
  name: 'submit',
  summary: 'run a TypeScript or JavaScript program',
  usage: '[flags] SCRIPT.ts|.js [ARGS]',
  flags,
  passesOn: true,
  notes: [
    'The program makes its own Session; what the flags say is the default there.',
    'ARGS are for the program, also flags.',
    'It is bundled with esbuild, with source maps: stack traces show its own lines.',
    'Exit code: that of the program.',
  ],
  run,
}

async function run(args: Arguments): Promise<number> {
  const [script, ...rest] = args.positionals
  const folder = mkdtempSync(join(tmpdir(), 'millrace-submit-'))
  try {
    if (script === undefined)
      throw new EngineError('CONFIG_INVALID', 'no script is given', {
        hint: 'For example: millrace submit job.ts',
      })
    if (!existsSync(script)) throw new EngineError('FILE_NOT_FOUND', `script "${script}" does not exist`)
    const bundle = join(folder, 'program.mjs')
    await bundleProgram(resolve(script), bundle)
    return await runProgram(bundle, rest, environmentOf(args))
  } catch (error) {
    reportError(error)
    return error instanceof EngineError && error.code === 'CONFIG_INVALID'
      ? exitCodes.usage
      : exitCodes.failed
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The flags as variables that a Session reads where its program says nothing. */
function environmentOf(args: Arguments): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = { ...process.env }
  for (const { name } of flags) {
    const value = args.one(name)
    if (value !== undefined) environment[`MILLRACE_${name.replaceAll('-', '_').toUpperCase()}`] = value
  }
  return environment
}

/** Says what a program did not catch as the other commands say it. */
const REPORTER = new URL('../bundle/report-uncaught.js', import.meta.url).href

async function runProgram(bundle: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const { spawn } = await import('node:child_process')
  const child = spawn(process.execPath, ['--enable-source-maps', '--import', REPORTER, bundle, ...args], {
    stdio: 'inherit',
    env,
  })
  const forward = (signal: NodeJS.Signals): void => void child.kill(signal)
  process.on('SIGINT', forward)
  process.on('SIGTERM', forward)
  return await new Promise((done, fail) => {
    child.on('error', fail)
    child.on('exit', (code, signal) => {
      process.removeListener('SIGINT', forward)
      process.removeListener('SIGTERM', forward)
      done(code ?? (signal === 'SIGINT' ? exitCodes.cancelled : exitCodes.failed))
    })
  })
}
