import { readFileSync } from 'node:fs'
import { benchFile } from './engines.ts'

/** The version of this package. */
export function millraceVersion(): string {
  const manifest = readFileSync(benchFile('..', 'package.json'), 'utf8')
  return (JSON.parse(manifest) as { readonly version: string }).version
}
