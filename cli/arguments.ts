import { type ParseArgsConfig, parseArgs } from 'node:util'
import { EngineError, nearestNames } from '../engine/errors.ts'

/** One flag of a command, for parsing and for `--help`. */
export interface Flag {
  readonly name: string
  readonly short?: string
  /** Name of its value in the help; without one the flag stands alone. */
  readonly value?: string
  readonly multiple?: boolean
  readonly usage: string
}

/** A command of the program. */
export interface Command {
  readonly name: string
  readonly summary: string
  readonly usage: string
  readonly flags: readonly Flag[]
  /** What follows the first argument that is no flag belongs to a program, flags and all. */
  readonly passesOn?: boolean
  /** Lines of the help after the flags. */
  readonly notes?: readonly string[]
  /** Runs the command; gives the exit code. */
  run(args: Arguments): Promise<number>
}

/** What was given on the command line. */
export interface Arguments {
  readonly positionals: readonly string[]
  has(flag: string): boolean
  one(flag: string): string | undefined
  all(flag: string): readonly string[]
}

/** Exit codes: scripts may rely on them. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, cancelled: 130 } as const

/** Flags that every command has. */
export const commonFlags: readonly Flag[] = [
  { name: 'help', short: 'h', usage: 'show this help' },
  { name: 'version', usage: 'show the version' },
]

/** Flags of commands that run queries. */
export const sessionFlags: readonly Flag[] = [
  {
    name: 'master',
    value: 'MASTER',
    usage:
      'where to run: local, local[N], local[*] (the default), local-cluster[WORKERS,THREADS], millrace://HOST:PORT',
  },
  {
    name: 'memory',
    value: 'SIZE',
    usage: 'most memory for rows, such as 512m or 2g (default: half of the machine)',
  },
  {
    name: 'local-dir',
    value: 'DIR',
    usage: "folder for rows that memory does not hold (default: the system's temporary folder)",
  },
  {
    name: 'local-dir-size',
    value: 'SIZE',
    usage: 'most bytes there, such as 20g (default: as the disk has)',
  },
  { name: 'time-zone', value: 'ZONE', usage: "the session's time zone (default: TZ, else the system's)" },
  { name: 'warehouse', value: 'DIR', usage: 'folder of stored tables (default: millrace-warehouse)' },
  {
    name: 'profile',
    value: 'DIR',
    usage: 'write a CPU profile of every thread, operator times and a page that shows them',
  },
]

/** Flags of commands that speak to a driver. */
export const clusterFlags: readonly Flag[] = [
  { name: 'token-file', value: 'FILE', usage: "file with the cluster's token (default: MILLRACE_TOKEN)" },
  { name: 'tls-ca', value: 'FILE', usage: "authority that signed the driver's certificate; turns TLS on" },
  { name: 'tls-certificate', value: 'FILE', usage: 'own certificate, where the driver asks for one' },
  { name: 'tls-key', value: 'FILE', usage: 'its key' },
]

/** Flags of a session that may run on a cluster. */
export const executorFlags: readonly Flag[] = [
  {
    name: 'executor-memory',
    value: 'SIZE',
    usage: 'on a cluster: most memory for rows in one executor (default: what its worker has)',
  },
  { name: 'max-slots', value: 'N', usage: 'on a cluster: most tasks at a time (default: all)' },
]

/** Reads the arguments of a command. CONFIG_INVALID names an unknown flag and the nearest one. */
export function readArguments(command: Command, args: readonly string[]): Arguments {
  const flags = [...command.flags, ...commonFlags]
  const options: NonNullable<ParseArgsConfig['options']> = {}
  for (const { name, short, value, multiple } of flags)
    options[name] = {
      type: value === undefined ? 'boolean' : 'string',
      ...(short === undefined ? {} : { short }),
      ...(multiple === true ? { multiple: true } : {}),
    }
  const end = command.passesOn === true ? firstPositional(flags, args) : args.length
  const own = args.slice(0, end)
  checkNames(command, flags, own)
  try {
    const { values, positionals } = parseArgs({ args: own, options, allowPositionals: true })
    return argumentsOf(values as Record<string, boolean | string | string[]>, [
      ...positionals,
      ...args.slice(end),
    ])
  } catch (cause) {
    const message = cause instanceof Error ? cause.message.split(/\. |\n/)[0]! : String(cause)
    throw usageError(
      command,
      message.replaceAll("'", '"').charAt(0).toLowerCase() + message.replaceAll("'", '"').slice(1),
      undefined,
    )
  }
}

/** Where the flags of the command end. */
function firstPositional(flags: readonly Flag[], args: readonly string[]): number {
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!
    if (arg === '--') return i + 1
    if (!arg.startsWith('-') || arg === '-') return i
    const flag = flags.find(({ name, short }) => arg === `--${name}` || arg === `-${short}`)
    if (flag?.value !== undefined) i++
  }
  return args.length
}

function argumentsOf(
  values: Record<string, boolean | string | string[]>,
  positionals: readonly string[],
): Arguments {
  const all = (flag: string): readonly string[] => {
    const value = values[flag]
    if (value === undefined || typeof value === 'boolean') return []
    return typeof value === 'string' ? [value] : value
  }
  return { positionals, has: (flag) => values[flag] !== undefined, one: (flag) => all(flag).at(-1), all }
}

function checkNames(command: Command, flags: readonly Flag[], args: readonly string[]): void {
  const end = args.indexOf('--')
  for (const arg of end < 0 ? args : args.slice(0, end)) {
    const name = /^--([^=]+)/.exec(arg)?.[1]
    if (name === undefined || flags.some((flag) => flag.name === name)) continue
    const near = nearestNames(
      name,
      flags.map((flag) => flag.name),
    )[0]
    throw usageError(
      command,
      `unknown flag "--${name}"`,
      near === undefined ? undefined : `Did you mean "--${near}"?`,
    )
  }
}

function usageError(command: Command, message: string, hint: string | undefined): EngineError {
  return new EngineError('CONFIG_INVALID', message, { hint: hint ?? `See millrace ${command.name} --help.` })
}

/** The help of a command. */
export function helpText(command: Command): string {
  const flags = [...command.flags, ...commonFlags].map((flag) => {
    const short = flag.short === undefined ? '    ' : `-${flag.short}, `
    return {
      left: `  ${short}--${flag.name}${flag.value === undefined ? '' : ` ${flag.value}`}`,
      right: flag.usage,
    }
  })
  const width = Math.max(...flags.map(({ left }) => left.length)) + 2
  const lines = [
    `${command.summary}`,
    '',
    `Usage: millrace ${command.name} ${command.usage}`,
    '',
    ...flags.map(({ left, right }) => left.padEnd(width) + right),
  ]
  return `${[...lines, ...(command.notes === undefined ? [] : ['', ...command.notes])].join('\n')}\n`
}
