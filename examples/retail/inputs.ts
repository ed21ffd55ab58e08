import { existsSync } from 'node:fs'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type GeneratedRetail, generateRetail } from './generate.ts'
import { inspectFiles, type TransactionFormat } from './inspect-input.ts'
import type { Settings } from './settings.ts'
import { UsageError } from './usage-error.ts'

/** What the job reads. */
export interface Inputs {
  readonly transactions: TransactionFormat & { readonly path: string }
  /** JSON lines; null: none, and definitions over activity are left out. */
  readonly activity: string | null
  /** The files of the campaign tables by table name; null: none. */
  readonly campaigns: Readonly<Record<string, string>> | null
  /** What the generator put into the files; null: the data are not invented. */
  readonly generated: GeneratedRetail['counts'] | null
}

export const CAMPAIGN_TABLES = ['campaign_descriptions', 'campaigns', 'coupon_redemptions'] as const

/**
 * Finds the input that the settings name and what lies beside it; without an input, makes data up in
 * OUT/generated.
 */
export async function findInputs(settings: Settings): Promise<Inputs> {
  const generated = settings.input === undefined ? await inventedData(settings) : null
  const input = settings.input ?? generated?.transactions ?? ''
  if (!existsSync(input)) throw new UsageError(`input "${input}" does not exist`)
  const files = await dataFiles(input)
  const activity =
    settings.activity ?? generated?.activity ?? beside(input, ['activity.jsonl', 'activity.jsonl.gz'])
  if (activity !== null && !existsSync(activity))
    throw new UsageError(`activity "${activity}" does not exist`)
  const campaigns =
    settings.campaigns ?? generated?.campaigns ?? beside(input, ['campaigns', 'completejourney'])
  return {
    transactions: { path: input, ...(await inspectFiles(files)) },
    activity,
    campaigns: campaigns === null ? null : campaignFiles(campaigns),
    generated: generated?.counts ?? null,
  }
}

/** The same seed and size give the same bytes, so files of an earlier run are as good as new ones. */
async function inventedData({ out, seed, lines }: Settings): Promise<GeneratedRetail> {
  const outDir = join(out, 'generated')
  const note = join(outDir, 'generated.json')
  if (existsSync(note)) {
    const earlier = JSON.parse(await readFile(note, 'utf8')) as {
      seed: number
      lines: number
      made: GeneratedRetail
    }
    if (earlier.seed === seed && earlier.lines === lines && existsSync(earlier.made.transactions))
      return earlier.made
  }
  const made = await generateRetail({ seed, lines, outDir })
  await writeFile(note, `${JSON.stringify({ seed, lines, made }, null, 2)}\n`)
  return made
}

/** The file itself, or the data files of a folder, by name. */
async function dataFiles(input: string): Promise<readonly string[]> {
  if (!(await stat(input)).isDirectory()) return [input]
  const names = (await readdir(input, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && !/^[._]/.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
  if (names.length === 0) throw new UsageError(`input folder "${input}" has no files`)
  return names.sort()
}

function beside(input: string, names: readonly string[]): string | null {
  const paths = names.map((name) => join(dirname(input), name)).filter((path) => path !== input)
  return paths.find((path) => existsSync(path)) ?? null
}

function campaignFiles(folder: string): Readonly<Record<string, string>> {
  const entries = CAMPAIGN_TABLES.map((table) => {
    const found = ['parquet', 'csv', 'csv.gz']
      .map((ending) => join(folder, `${table}.${ending}`))
      .find(existsSync)
    if (found === undefined)
      throw new UsageError(
        `campaign folder "${folder}" has no ${table}.parquet or .csv`,
        `It needs ${CAMPAIGN_TABLES.join(', ')}.`,
      )
    return [table, found] as const
  })
  return Object.fromEntries(entries)
}
