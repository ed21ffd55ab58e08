import { mkdir, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Session } from 'millrace'
import { readActivity, type ScreenedActivity } from './activity.ts'
import { type Analysis, runAnalyses } from './analyses.ts'
import { readCampaigns } from './campaigns.ts'
import { cleanLines, cleanSchema, joinActivity, standardiseItems, sumOrders } from './clean.ts'
import { collectDeadLetters, type Rejected } from './dead-letters.ts'
import { findInputs, type Inputs } from './inputs.ts'
import { type KeyFigures, keyFigures } from './key-figures.ts'
import type { Progress } from './progress.ts'
import { readTransactions, transactionSchema } from './read-transactions.ts'
import { type ScreenedTransactions, screenTransactions } from './screen.ts'
import { findSecret } from './secret.ts'
import type { Settings } from './settings.ts'
import { makeTables, storeTransactions } from './tables.ts'

/** Where everything lies below `--out`. */
export interface Folders {
  readonly results: string
  readonly tables: string
  readonly malformed: string
}

/** What a run of the job found and where it put it. */
export interface BatchResult {
  readonly inputs: Inputs
  readonly folders: Folders
  /** Where the key of the anonymous ids comes from. */
  readonly secretOrigin: string
  readonly rejected: readonly Rejected[]
  /** Lines of the clickstream, and events that are left; null without activity. */
  readonly activityCounts: { readonly lines: number; readonly events: number } | null
  readonly figures: KeyFigures
  readonly analyses: readonly Analysis[]
  readonly seconds: number
}

/** The whole job: finds the input, stores, screens and cleans it, and answers every definition. */
export async function runBatch(settings: Settings, progress: Progress): Promise<BatchResult> {
  const out = resolve(settings.out)
  progress.step('input')
  const inputs = await findInputs(settings)
  const secret = await findSecret(settings)
  const folders = {
    results: join(out, 'results'),
    tables: join(out, 'tables'),
    malformed: join(out, 'malformed'),
  }
  for (const folder of Object.values(folders)) await rm(folder, { recursive: true, force: true })
  await mkdir(out, { recursive: true })
  const { master, memory } = settings
  const session = new Session({
    master,
    timeZone: 'UTC',
    warehouse: folders.tables,
    ...(memory === undefined ? {} : { memory }),
  })
  try {
    const done = await runSteps(session, inputs, folders, secret.key, progress)
    return { inputs, folders, secretOrigin: secret.origin, ...done, seconds: progress.seconds }
  } finally {
    progress.clear()
    await session.stop()
  }
}

async function runSteps(
  session: Session,
  inputs: Inputs,
  folders: Folders,
  secret: string,
  progress: Progress,
) {
  progress.step('transactions')
  const incoming = readTransactions(session, inputs.transactions, folders.malformed)
  await incoming.createOrReplaceTempView('incoming_transactions')
  if (inputs.campaigns !== null) await readCampaigns(session, inputs.campaigns)
  const activity = inputs.activity === null ? null : readActivity(session, inputs.activity, secret)
  await Promise.all([
    storeTransactions(session),
    activity?.events.write.bucketBy(4, 'session_id').saveAsTable('activity'),
  ])

  // The definitions read the stored lines, the clean tables come of the screened ones: both go on side by
  // side.
  progress.step('screening')
  const screened = screenTransactions(session, session.table('transactions').as(transactionSchema), secret)
  const tables = makeTables(session)
  const [rejected, analyses] = await Promise.all([
    screenAndClean(session, screened, activity, folders.malformed, tables),
    tables.then(() =>
      runAnalyses(
        session,
        folders.results,
        { activity: activity !== null, campaigns: inputs.campaigns !== null },
        progress,
      ),
    ),
  ])
  const activityCounts =
    activity === null
      ? null
      : { lines: await activity.lines.count(), events: await session.table('activity').count() }
  return { rejected, analyses, activityCounts, figures: await keyFigures(session) }
}

/** Sets bad lines aside, then makes the clean tables of the good ones. */
async function screenAndClean(
  session: Session,
  screened: ScreenedTransactions,
  activity: ScreenedActivity | null,
  malformed: string,
  tables: Promise<void>,
): Promise<readonly Rejected[]> {
  const rejected = await collectDeadLetters(session, malformed, screened, activity)
  await tables
  const inventory = standardiseItems(session).cache()
  await Promise.all([
    inventory.write.saveAsTable('inventory'),
    cleanLines(screened, inventory).write.saveAsTable('clean_lines'),
  ])
  const orders = sumOrders(session.table('clean_lines').as(cleanSchema)).cache()
  await Promise.all([
    orders.write.saveAsTable('orders'),
    activity === null ? null : joinActivity(activity, orders).write.saveAsTable('purchases'),
  ])
  return rejected
}
