import { readFileSync } from 'node:fs'
import { nearestNames } from '../engine/errors.ts'
import { type Command, exitCodes, helpText, readArguments } from './arguments.ts'
import { certsCommand } from './certs-command.ts'
import { decommissionCommand } from './decommission-command.ts'
import { driverCommand } from './driver-command.ts'
import { jobsCommand } from './jobs-command.ts'
import { killCommand } from './kill-command.ts'
import { reportError } from './report-error.ts'
import { sqlCommand } from './sql-command.ts'
import { statusCommand } from './status-command.ts'
import { submitCommand } from './submit-command.ts'
import { workerCommand } from './worker-command.ts'

const commands: readonly Command[] = [
  sqlCommand,
  submitCommand,
  driverCommand,
  workerCommand,
  statusCommand,
  jobsCommand,
  killCommand,
  decommissionCommand,
  certsCommand,
]

/** Runs `millrace COMMAND …`; gives the exit code. */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  // Whoever reads standard output may have seen enough, as `head` has: that is the end, and no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? exitCodes.ok : exitCodes.failed)
  })
  return await dispatch(args).catch((error: unknown) => reportError(error))
}

async function dispatch(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(overview())
    return name === undefined ? exitCodes.usage : exitCodes.ok
  }
  if (name === '--version') return printVersion()
  const command = commands.find((candidate) => candidate.name === name)
  if (command === undefined) {
    const near = nearestNames(
      name,
      commands.map((candidate) => candidate.name),
    )[0]
    const hint = near === undefined ? 'See millrace --help.' : `Did you mean "${near}"?`
    process.stderr.write(`error: unknown command "${name}"\nhint: ${hint}\n`)
    return exitCodes.usage
  }
  return await runCommand(command, rest)
}

async function runCommand(command: Command, args: readonly string[]): Promise<number> {
  let parsed: ReturnType<typeof readArguments>
  try {
    parsed = readArguments(command, args)
  } catch (error) {
    reportError(error)
    return exitCodes.usage
  }
  if (parsed.has('help')) {
    process.stdout.write(helpText(command))
    return exitCodes.ok
  }
  if (parsed.has('version')) return printVersion()
  return await command.run(parsed)
}

function overview(): string {
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(14)}${summary}`)
  return [
    'Millrace: DataFrames, SQL and RDDs over Arrow columns, in TypeScript.',
    '',
    'Usage: millrace COMMAND [flags]',
    '',
    'Commands:',
    ...lines,
    '',
    'millrace COMMAND --help tells the flags of a command.',
    '',
  ].join('\n')
}

function printVersion(): number {
  const manifest = new URL('../../package.json', import.meta.url)
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string }
  process.stdout.write(`millrace ${version} (node ${process.versions.node})\n`)
  return exitCodes.ok
}
