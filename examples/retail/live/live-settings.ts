import { parseArgs } from 'node:util'
import { UsageError } from '../usage-error.ts'

/** A flag of a command of the live half. */
interface Flag {
  readonly name: string
  /** null: it takes none. */
  readonly value: string | null
  readonly usage: string
  readonly default?: string
}

export interface LiveCommand {
  readonly summary: string
  readonly flags: readonly Flag[]
}

const LOG = 'retail-out/log'

/** The commands of the live half and their flags. */
export const liveCommands: Readonly<Record<'produce' | 'stream', LiveCommand>> = {
  produce: {
    summary: 'Plays events into the embedded log.',
    flags: [
      { name: 'events', value: 'N', usage: 'records to make', default: '100000' },
      { name: 'seed', value: 'S', usage: 'the same seed makes the same records', default: '7' },
      { name: 'input', value: 'PATH', usage: 'real transactions to make them of (default: invented ones)' },
      { name: 'manifest', value: 'FILE', usage: 'what a reader must find (default: LOG-DIR/manifest.json)' },
      {
        name: 'replay',
        value: 'FILE',
        usage: 'events as JSON lines, plain or .gz, as gen_events.py writes them',
      },
      { name: 'out', value: 'LOG-DIR', usage: 'folder of the log', default: LOG },
      { name: 'rate', value: 'R', usage: 'records a second (default: as fast as it goes)' },
      { name: 'partitions', value: 'N', usage: 'of topics that are made', default: '2' },
    ],
  },
  stream: {
    summary: 'Computes tables and figures from the events of the log, as they come.',
    flags: [
      { name: 'from', value: 'LOG-DIR', usage: 'folder of the log', default: LOG },
      { name: 'out', value: 'DIR', usage: 'where everything is written', default: 'retail-out/live' },
      {
        name: 'master',
        value: 'MASTER',
        usage: 'where it runs: local[N], or a cluster',
        default: 'local[2]',
      },
      { name: 'memory', value: 'SIZE', usage: 'most memory for rows', default: '512m' },
      { name: 'secret-file', value: 'FILE', usage: 'key for user ids (default: made in OUT/secret)' },
      { name: 'batch-rows', value: 'N', usage: 'most records of a batch (default: all that are there)' },
      { name: 'once', value: null, usage: 'drain what is there, close all windows and stop' },
    ],
  },
}

/** The flags of a call; UsageError names what is unknown. */
export function readLiveFlags(
  command: keyof typeof liveCommands,
  args: readonly string[],
): (name: string) => string | undefined {
  const { flags } = liveCommands[command]
  const options = Object.fromEntries(
    flags.map(({ name, value }) => [
      name,
      { type: value === null ? ('boolean' as const) : ('string' as const) },
    ]),
  )
  try {
    const { values } = parseArgs({ args: [...args], options, allowPositionals: false })
    return (name) => {
      const value = values[name]
      if (value !== undefined) return String(value)
      return flags.find((flag) => flag.name === name)?.default
    }
  } catch (cause) {
    const message = cause instanceof Error ? cause.message.split(/[.\n] ?/)[0] : String(cause)
    throw new UsageError(`${message}`, `See npm run retail -- ${command} --help.`)
  }
}

/** A whole number from 1; null if it is not given. */
export function countOf(name: string, text: string | undefined): number | null {
  if (text === undefined) return null
  const value = Number(text)
  if (Number.isSafeInteger(value) && value > 0) return value
  throw new UsageError(`--${name} must be a whole number above 0, not "${text}"`)
}

export function liveHelp(command: keyof typeof liveCommands): string {
  const { summary, flags } = liveCommands[command]
  const lines = flags.map(({ name, value, usage, default: given }) => {
    const flag = `  --${name} ${value ?? ''}`.padEnd(24)
    return `${flag}${usage}${given === undefined ? '' : ` (default: ${given})`}`
  })
  return `${summary}\n\nUsage: npm run retail -- ${command} [options]\n\n${lines.join('\n')}\n`
}
