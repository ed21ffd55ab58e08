import { readFileSync } from 'node:fs'
import { EngineError, nearestNames } from '../engine/errors.ts'
import { parseAddress } from '../proto/grpc/index.ts'
import type { Arguments } from './arguments.ts'
import { CLUSTER_OPTIONS, type ClusterOption, optionsOf, type Role, variableOf } from './cluster-options.ts'

/** Options of a process as they count, each checked. */
export interface Options {
  /** Null if it is not given and has no default. */
  text(name: string): string | null
  /** Of kinds `size` (bytes), `duration` (milliseconds) and `count`. */
  number(name: string): number | null
  range(name: string): { readonly min: number; readonly max: number } | null
}

/**
 * Reads the options of a role: flag before variable before file before default. CONFIG_INVALID names what is
 * wrong and where it was given; an unknown key of the file is wrong too.
 */
export function readOptions(role: Role, args: Arguments, env: NodeJS.ProcessEnv = process.env): Options {
  const file = readConfig(args.one('config') ?? env[variableOf('config')])
  const values = new Map<string, { readonly text: string; readonly value: Value }>()
  for (const option of optionsOf(role)) {
    const given = sourceOf(option, args, env, file)
    if (given !== null) values.set(option.name, { text: given.text, value: parse(option, given) })
  }
  return {
    text: (name) => values.get(name)?.text ?? null,
    number: (name) => {
      const value = values.get(name)?.value
      return typeof value === 'number' ? value : null
    },
    range: (name) => {
      const value = values.get(name)?.value
      return typeof value === 'object' && value !== null ? value : null
    },
  }
}

type Value = number | { readonly min: number; readonly max: number } | null

interface Given {
  readonly text: string
  /** For errors: `--listen`. */
  readonly place: string
}

function sourceOf(
  { name, default: fallback }: ClusterOption,
  args: Arguments,
  env: NodeJS.ProcessEnv,
  file: ReadonlyMap<string, Given>,
): Given | null {
  const flag = args.one(name)
  if (flag !== undefined) return { text: flag, place: `--${name}` }
  const variable = env[variableOf(name)]
  if (variable !== undefined && variable !== '') return { text: variable, place: variableOf(name) }
  return file.get(name) ?? (fallback === null ? null : { text: fallback, place: `the default of --${name}` })
}

/** One file may serve all processes of a cluster: keys of other roles are known too. */
function readConfig(path: string | undefined): ReadonlyMap<string, Given> {
  const given = new Map<string, Given>()
  if (path === undefined) return given
  const names = CLUSTER_OPTIONS.map(({ name }) => name)
  for (const [name, value] of Object.entries(parseConfig(path))) {
    const place = `"${name}" in "${path}"`
    if (!names.includes(name)) {
      const near = nearestNames(name, names)[0]
      throw new EngineError('CONFIG_INVALID', `there is no option ${place}`, {
        hint: near === undefined ? 'docs/configuration.md lists all of them.' : `Did you mean "${near}"?`,
      })
    }
    if (typeof value !== 'string' && typeof value !== 'number')
      throw new EngineError('CONFIG_INVALID', `option ${place} is neither a text nor a number`)
    given.set(name, { text: String(value), place })
  }
  return given
}

function parseConfig(path: string): Readonly<Record<string, unknown>> {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new EngineError('FILE_NOT_FOUND', `cannot read the configuration "${path}"`, { cause })
  }
  const hint = 'It is an object of options: {"listen": "127.0.0.1:7077"}'
  try {
    const value: unknown = JSON.parse(text)
    // An object, as was just seen; what its members are is looked at by who reads them.
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new EngineError('CONFIG_INVALID', `the configuration "${path}" is not JSON: ${reason}`, {
      hint,
      cause,
    })
  }
  throw new EngineError('CONFIG_INVALID', `the configuration "${path}" is not an object`, { hint })
}

function parse({ kind, value: wanted }: ClusterOption, { text, place }: Given): Value {
  const wrong = (hint: string): EngineError =>
    new EngineError('CONFIG_INVALID', `${place} takes ${wanted}, not "${text}"`, { hint })
  if (typeof kind === 'object') {
    if (kind.oneOf.includes(text)) return null
    const near = nearestNames(text, kind.oneOf)[0]
    throw wrong(`${near === undefined ? '' : `Did you mean "${near}"? `}There are: ${kind.oneOf.join(', ')}.`)
  }
  switch (kind) {
    case 'text':
    case 'path':
      if (text === '') throw wrong('It must not be empty.')
      return null
    case 'address':
      parseAddress(text.replace(/^millrace:\/\//, ''))
      return null
    case 'size':
      return parseSize(text) ?? fail(wrong('Write a number and a unit, such as 512m or 2g.'))
    case 'duration':
      return parseDuration(text) ?? fail(wrong('Write a number and a unit: 500ms, 10s, 2m, 1h.'))
    case 'count':
      return /^[1-9]\d{0,6}$/.test(text) ? Number(text) : fail(wrong('It is a whole number from 1.'))
    case 'range':
      return parseRange(text) ?? fail(wrong('Write two numbers, such as 0..4.'))
  }
}

function fail(error: EngineError): never {
  throw error
}

const SIZES: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 2 ** 10,
  m: 2 ** 20,
  g: 2 ** 30,
  t: 2 ** 40,
}

function parseSize(text: string): number | null {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)\s*([bkmgt]?)(?:i?b)?$/i.exec(text.trim()) ?? []
  const bytes = digits === undefined ? 0 : Math.floor(Number(digits) * SIZES[unit!.toLowerCase()]!)
  return bytes > 0 ? bytes : null
}

const TIMES: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

function parseDuration(text: string): number | null {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h)$/.exec(text.trim()) ?? []
  const ms = digits === undefined ? 0 : Number(digits) * TIMES[unit!]!
  return ms >= 1 ? ms : null
}

const MOST_WORKERS = 1000

function parseRange(text: string): { readonly min: number; readonly max: number } | null {
  const [, from, to] = /^(\d{1,4})\.\.(\d{1,4})$/.exec(text.trim()) ?? []
  const [min, max] = [Number(from), Number(to)]
  return from !== undefined && min <= max && max >= 1 && max <= MOST_WORKERS ? { min, max } : null
}
