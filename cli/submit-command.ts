import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { clusterAccess, clusterSecurity } from '../driver/session/index.ts'
import { EngineError } from '../engine/errors.ts'
import {
  type Arguments,
  type Command,
  clusterFlags,
  executorFlags,
  exitCodes,
  type Flag,
  sessionFlags,
} from './arguments.ts'
import { bundleProgram } from './bundle-program.ts'
import { reportError } from './report-error.ts'
import type { DetachedProgram } from './submit-detached.ts'

const shared = [...sessionFlags, ...clusterFlags, ...executorFlags]
const flags: readonly Flag[] = [
  ...shared,
  { name: 'detach', usage: 'leave the program with the driver, which runs it, also after this command' },
]
/** Flags that say where the driver is, and what opens it: a program that it runs knows these. */
const PLACE = new Set(['master', ...clusterFlags.map(({ name }) => name)])

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
    'Exit code: that of the program; with --detach 0 once the driver has it, and its id is printed.',
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
    const isDetached = args.has('detach')
    await bundleProgram(resolve(script), bundle, isDetached)
    if (isDetached) return await detach(args, { script, bundle, args: rest, settings: settingsOf(args) })
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

/** Prints the id of the program, for `millrace status` and `millrace kill`. */
async function detach(args: Arguments, program: DetachedProgram): Promise<number> {
  // Loaded late: other runs need no gRPC.
  const { submitDetached } = await import('./submit-detached.ts')
  const access = clusterAccess({
    tokenFile: args.one('token-file'),
    tlsCa: args.one('tls-ca'),
    tlsCertificate: args.one('tls-certificate'),
    tlsKey: args.one('tls-key'),
  })
  const master = args.one('master') ?? process.env['MILLRACE_MASTER']
  process.stdout.write(`${await submitDetached(master, clusterSecurity(access), program)}\n`)
  return exitCodes.ok
}

function settingsOf(args: Arguments): Readonly<Record<string, string>> {
  const names = shared.map(({ name }) => name).filter((name) => !PLACE.has(name))
  const given = names.map((name) => [name, args.one(name)] as const)
  return Object.fromEntries(given.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}

/** The flags as variables that a Session reads where its program says nothing. */
function environmentOf(args: Arguments): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = { ...process.env }
  for (const { name } of shared) {
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
