import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { UsageError } from './usage-error.ts'

/** What a run is told. Every default stands in DEFAULTS. */
export interface Settings {
  /** File or folder of transactions; undefined: invented data. */
  readonly input: string | undefined
  readonly activity: string | undefined
  readonly campaigns: string | undefined
  readonly out: string
  readonly master: string
  readonly memory: string | undefined
  readonly secretFile: string | undefined
  /** The secret itself: only from the environment, so that it shows in no list of processes. */
  readonly secret: string | undefined
  readonly seed: number
  readonly lines: number
}

interface Setting {
  /**
   * The flag; `secret-file` is MILLRACE_RETAIL_SECRET_FILE in the environment and `secretFile` in the file.
   */
  readonly flag: string
  readonly value: string
  readonly usage: string
  readonly default?: string
}

/** Everything that can be set, in the order of the help. */
export const SETTINGS: readonly Setting[] = [
  { flag: 'input', value: 'PATH', usage: 'transactions: CSV, JSON lines or Parquet, a file or a folder' },
  { flag: 'activity', value: 'FILE', usage: 'clickstream, JSON lines (default: beside the input)' },
  { flag: 'campaigns', value: 'DIR', usage: 'campaign tables (default: beside the input)' },
  { flag: 'out', value: 'DIR', usage: 'where everything is written', default: 'retail-out' },
  { flag: 'master', value: 'MASTER', usage: 'threads: local, local[N] or local[*]', default: 'local[2]' },
  { flag: 'memory', value: 'SIZE', usage: 'most memory for rows, such as 512m or 2g', default: '384m' },
  { flag: 'secret-file', value: 'FILE', usage: 'key for user ids (default: made in OUT/secret)' },
  { flag: 'seed', value: 'N', usage: 'of the invented data, if there is no input', default: '7' },
  { flag: 'lines', value: 'N', usage: 'of the invented data', default: '520000' },
]

const ENVIRONMENT = 'MILLRACE_RETAIL_'
const CONFIG_FILE = 'retail.config.json'

/** Where settings come from besides the flags; tests give their own. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Folder of `.env` and `retail.config.json`. */
  readonly folder: string
}

/**
 * The settings of a run. Flags rule over the environment, this over `.env`, this over `retail.config.json`,
 * and this over the defaults. UsageError names what is unknown or not a number.
 */
export function readSettings(args: readonly string[], { environment, folder }: Surroundings): Settings {
  const sources = [readFlags(args), fromEnvironment(environment), readDotEnv(folder), readConfig(folder)]
  const text = (flag: string): string | undefined => {
    for (const source of sources) if (source[flag] !== undefined) return source[flag]
    return SETTINGS.find((setting) => setting.flag === flag)?.default
  }
  return {
    input: text('input'),
    activity: text('activity'),
    campaigns: text('campaigns'),
    out: text('out') ?? 'retail-out',
    master: text('master') ?? 'local[2]',
    memory: text('memory'),
    secretFile: text('secret-file'),
    secret: sources[1]?.['secret'] ?? sources[2]?.['secret'],
    seed: wholeNumber('seed', text('seed')),
    lines: wholeNumber('lines', text('lines')),
  }
}

type Texts = Readonly<Record<string, string | undefined>>

function readFlags(args: readonly string[]): Texts {
  const options = Object.fromEntries(SETTINGS.map(({ flag }) => [flag, { type: 'string' as const }]))
  try {
    return parseArgs({ args: [...args], options, allowPositionals: false }).values
  } catch (cause) {
    const message = cause instanceof Error ? cause.message.split(/[.\n] ?/)[0] : String(cause)
    throw new UsageError(`${message}`, 'See npm run retail -- --help.')
  }
}

function fromEnvironment(environment: Texts): Texts {
  const named = [...SETTINGS.map(({ flag }) => flag), 'secret'].map((flag) => {
    const value = environment[`${ENVIRONMENT}${flag.replaceAll('-', '_').toUpperCase()}`]
    return [flag, value === '' ? undefined : value] as const
  })
  return Object.fromEntries(named)
}

/**
 * `NAME=value` lines; blank lines and lines that begin with # are skipped, quotes around a value are taken
 * off.
 */
function readDotEnv(folder: string): Texts {
  const path = join(folder, '.env')
  if (!existsSync(path)) return {}
  const lines = readFileSync(path, 'utf8').split(/\r?\n/)
  const entries = lines.flatMap((line) => {
    const match = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$/.exec(line)
    return match === null ? [] : [[match[1], match[2]?.replace(/^(["'])(.*)\1$/, '$2')] as const]
  })
  return fromEnvironment(Object.fromEntries(entries))
}

function readConfig(folder: string): Texts {
  const path = join(folder, CONFIG_FILE)
  if (!existsSync(path)) return {}
  const config = parseConfig(path)
  const flags = new Map(SETTINGS.map(({ flag }) => [camelCase(flag), flag]))
  const entries = Object.entries(config).map(([name, value]) => {
    const flag = flags.get(name)
    if (flag === undefined)
      throw new UsageError(
        `"${path}" sets "${name}", which is unknown`,
        `Known: ${[...flags.keys()].join(', ')}.`,
      )
    if (typeof value !== 'string' && typeof value !== 'number')
      throw new UsageError(`"${name}" in "${path}" is neither a text nor a number`)
    return [flag, String(value)] as const
  })
  return Object.fromEntries(entries)
}

function parseConfig(path: string): object {
  try {
    const config: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (typeof config === 'object' && config !== null && !Array.isArray(config)) return config
  } catch (cause) {
    throw new UsageError(`"${path}" is not JSON: ${cause instanceof Error ? cause.message : cause}`)
  }
  throw new UsageError(`"${path}" is not a JSON object`)
}

function camelCase(flag: string): string {
  return flag.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
}

function wholeNumber(flag: string, text: string | undefined): number {
  const value = Number(text)
  if (text !== undefined && /^\d+$/.test(text) && Number.isSafeInteger(value)) return value
  throw new UsageError(`--${flag} must be a whole number, not "${text}"`)
}
