import type { Generate } from '../plan/index.ts'

interface GeneratorName {
  readonly generator: Generate['generator']
  readonly outer: boolean
}

const GENERATORS: ReadonlyMap<string, GeneratorName> = new Map<string, GeneratorName>([
  ['explode', { generator: 'explode', outer: false }],
  ['explode_outer', { generator: 'explode', outer: true }],
  ['posexplode', { generator: 'posexplode', outer: false }],
  ['posexplode_outer', { generator: 'posexplode', outer: true }],
  ['inline', { generator: 'inline', outer: false }],
  ['inline_outer', { generator: 'inline', outer: true }],
  ['stack', { generator: 'stack', outer: false }],
  ['json_tuple', { generator: 'json_tuple', outer: false }],
])

/** Whether a function makes rows. */
export function isGenerator(name: string): boolean {
  return GENERATORS.has(name.toLowerCase())
}

/** The generator of a name, which must be one. */
export function generatorOf(name: string): GeneratorName | undefined {
  return GENERATORS.get(name.toLowerCase())
}

/** Names of all generators. */
export function generatorNames(): readonly string[] {
  return [...GENERATORS.keys()]
}
