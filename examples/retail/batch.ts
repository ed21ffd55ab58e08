import { mkdir, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Session } from 'millrace'
import { type Analysis, runAnalyses } from './analyses.ts'
import { readCampaigns } from './campaigns.ts'
import { findInputs, type Inputs } from './inputs.ts'
import { Progress } from './progress.ts'
import { readTransactions } from './read-transactions.ts'
import type { Settings } from './settings.ts'
import { makeTables } from './tables.ts'

/** What a run of the job found and where it put it. */
export interface BatchResult {
  readonly inputs: Inputs
  readonly analyses: readonly Analysis[]
  readonly folders: Folders
  readonly seconds: number
}

/** Where everything lies below `--out`. */
export interface Folders {
  readonly results: string
  readonly deadLetters: string
  readonly tables: string
}

/** The whole job: finds the input, screens and cleans it, makes tables, and answers every definition. */
export async function runBatch(settings: Settings, progress = new Progress()): Promise<BatchResult> {
  const out = resolve(settings.out)
  const folders = { results: join(out, 'results'), deadLetters: join(out, 'dead-letters'), tables: join(out, 'tables') }
  progress.step('input')
  const inputs = await findInputs(settings)
  for (const folder of Object.values(folders)) await rm(folder, { recursive: true, force: true })
  await mkdir(folders.deadLetters, { recursive: true })
  const session = new Session({
    master: settings.master,
    timeZone: 'UTC',
    warehouse: folders.tables,
    ...(settings.memory === undefined ? {} : { memory: settings.memory }),
  })
  try {
    const letters = join(folders.deadLetters, 'transactions')
    await readTransactions(session, inputs.transactions, letters).createOrReplaceTempView('incoming_transactions')
    if (inputs.campaigns !== null) await readCampaigns(session, inputs.campaigns)
    await makeTables(session, false, progress)
    const has = { activity: false, campaigns: inputs.campaigns !== null }
    const analyses = await runAnalyses(session, folders.results, has, progress)
    return { inputs, analyses, folders, seconds: progress.seconds }
  } finally {
    progress.clear()
    await session.stop()
  }
}
