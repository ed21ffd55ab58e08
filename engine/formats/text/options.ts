import { EngineError, nearestNames } from '../../errors.ts'
import { type DatetimePattern, datetimePattern } from '../../functions/index.ts'
import type { ReadMode } from './bad-records.ts'

/** Options as a source declares them. */
export type DeclaredOptions = Readonly<Record<string, { readonly usage: string; readonly default?: string }>>

/** Options as given, by lower-case name, checked against what is declared. */
export class OptionReader {
  readonly #values: ReadonlyMap<string, string>
  readonly #source: string

  /** CONFIG_INVALID for an option that is not declared; the hint names the nearest. */
  constructor(given: Readonly<Record<string, string>>, declared: DeclaredOptions, source: string) {
    const names = Object.keys(declared)
    const known = new Set(names.map((name) => name.toLowerCase()))
    const values = new Map<string, string>()
    for (const [name, value] of Object.entries(given)) {
      if (!known.has(name.toLowerCase())) throw unknownOption(name, names, source)
      values.set(name.toLowerCase(), value)
    }
    this.#values = values
    this.#source = source
  }

  text(...names: readonly string[]): string | undefined {
    for (const name of names) {
      const value = this.#values.get(name.toLowerCase())
      if (value !== undefined) return value
    }
    return undefined
  }

  /** `true` or `false`, any case. */
  flag(name: string, fallback: boolean): boolean {
    const value = this.text(name)
    if (value === undefined) return fallback
    if (/^(true|false)$/i.test(value)) return value.toLowerCase() === 'true'
    throw this.invalid(name, value, 'Give true or false.')
  }

  /** A number that is at least `least`. */
  number(name: string, fallback: number, least = 0): number {
    const value = this.text(name)
    if (value === undefined) return fallback
    const number = Number(value)
    if (value.trim() !== '' && Number.isFinite(number) && number >= least) return number
    throw this.invalid(name, value, `Give a number from ${least} on.`)
  }

  /** One ASCII character, `\t` and the like written out or not; empty gives -1: none. */
  byte(fallback: number, ...names: readonly string[]): number {
    const value = this.text(...names)
    if (value === undefined) return fallback
    const char = unescapeControl(value)
    if (char === '' || char === '\0') return -1
    if (char.length === 1 && char.charCodeAt(0) < 128) return char.charCodeAt(0)
    throw this.invalid(names[0]!, value, 'Give one ASCII character.')
  }

  /** Text with `\t` and the like written out. */
  plain(name: string, fallback: string, other = name): string {
    const value = this.text(name, other)
    return value === undefined ? fallback : unescapeControl(value)
  }

  /** A pattern of dates or times; null if none is given. */
  pattern(name: string): DatetimePattern | null {
    const value = this.text(name)
    if (value === undefined) return null
    try {
      return datetimePattern(value)
    } catch (cause) {
      throw this.invalid(name, value, cause instanceof EngineError ? `${cause.message}.` : '', cause)
    }
  }

  mode(): ReadMode {
    const value = this.text('mode')
    if (value === undefined) return 'PERMISSIVE'
    const mode = value.toUpperCase()
    if (mode === 'PERMISSIVE' || mode === 'DROPMALFORMED' || mode === 'FAILFAST') return mode
    throw this.invalid('mode', value, 'Give PERMISSIVE, DROPMALFORMED or FAILFAST.')
  }

  invalid(name: string, value: string, hint: string, cause?: unknown): EngineError {
    return new EngineError(
      'CONFIG_INVALID',
      `option "${name}" of source "${this.#source}" cannot be "${value}"`,
      { hint, cause },
    )
  }
}

function unknownOption(name: string, names: readonly string[], source: string): EngineError {
  const near = nearestNames(name, names)[0]
  return new EngineError('CONFIG_INVALID', `option "${name}" does not exist for source "${source}"`, {
    hint: near === undefined ? `There are: ${names.join(', ')}.` : `Did you mean "${near}"?`,
  })
}

/** `\t` and its like, as people write them in options. */
export function unescapeControl(text: string): string {
  const known: Readonly<Record<string, string>> = {
    t: '\t',
    n: '\n',
    r: '\r',
    b: '\b',
    f: '\f',
    '0': '\0',
    '\\': '\\',
  }
  return text.length > 1 ? text.replace(/\\([tnrbf0\\])/g, (_, char: string) => known[char]!) : text
}
