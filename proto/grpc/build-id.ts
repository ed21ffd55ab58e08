import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'

/** Metadata of every call: the build of the caller. */
export const BUILD_KEY = 'millrace-build'

let known: string | null = null

/**
 * Names the build of this package: its version and a hash of its bundle, which `npm run build` makes of all
 * sources. Processes of different builds refuse each other, because the form of plans is not kept stable.
 */
export function buildId(): string {
  known ??= `${packageVersion()}-${bundleHash()}`
  return known
}

/** Of this file in dist/proto/grpc, of the same file in the bundle, or of its source. */
function packageVersion(): string {
  for (const place of ['../../../package.json', '../../package.json']) {
    const file = new URL(place, import.meta.url)
    // The cast holds: npm refuses a package.json without a version.
    if (existsSync(file)) return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
  }
  return 'unknown'
}

function bundleHash(): string {
  for (const place of ['../../bundle/millrace.cjs', '../../dist/bundle/millrace.cjs']) {
    const file = new URL(place, import.meta.url)
    if (existsSync(file)) return createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 12)
  }
  return 'unbundled'
}
