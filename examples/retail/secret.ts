import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Settings } from './settings.ts'
import { UsageError } from './usage-error.ts'

/** A shorter key could be found by trying. */
const MIN_LENGTH = 16

export interface Secret {
  readonly key: string
  /** Where it comes from, for the summary. */
  readonly origin: string
}

/**
 * The key that user ids are anonymised with: of `--secret-file`, of the environment, or else one that is made
 * once and kept in OUT/secret, readable for the user alone. Later runs with the same key give the same ids.
 */
export async function findSecret({
  secret,
  secretFile,
  out,
}: Pick<Settings, 'secret' | 'secretFile' | 'out'>): Promise<Secret> {
  if (secretFile !== undefined) return { key: await readSecret(secretFile), origin: secretFile }
  if (secret !== undefined) return { key: checked(secret, 'MILLRACE_RETAIL_SECRET'), origin: 'environment' }
  const path = join(out, 'secret')
  if (existsSync(path)) return { key: await readSecret(path), origin: path }
  const key = randomBytes(32).toString('hex')
  await mkdir(out, { recursive: true })
  await writeFile(path, `${key}\n`, { mode: 0o600, flag: 'wx' })
  return { key, origin: `${path} (made now: keep it, and keep it secret)` }
}

async function readSecret(path: string): Promise<string> {
  if (!existsSync(path)) throw new UsageError(`secret file "${path}" does not exist`)
  return checked((await readFile(path, 'utf8')).trim(), path)
}

function checked(key: string, origin: string): string {
  if (key.length >= MIN_LENGTH) return key
  throw new UsageError(`the secret of "${origin}" has less than ${MIN_LENGTH} characters`)
}
