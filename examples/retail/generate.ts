import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { sessionsAround } from './generator/activity.ts'
import { arrive, type StreamCounts, type StreamRecord } from './generator/arrival.ts'
import { makeCampaigns } from './generator/campaigns.ts'
import { movementsOf } from './generator/inventory.ts'
import { type Invoice, makeInvoices } from './generator/invoices.ts'
import { Random } from './generator/random.ts'
import { writeText } from './generator/text-file.ts'
import { HEADER, invoiceText, noTransactions, type TransactionCounts } from './generator/transactions.ts'

export interface GenerateOptions {
  readonly seed: number
  /** Data lines of the transactions, corrupt ones included; the other files grow with it. */
  readonly lines: number
  /** Made if it is not there; files of an earlier run are replaced. */
  readonly outDir: string
}

/** Where the files are, and what a job must find in them. */
export interface GeneratedRetail {
  /** CSV in UTF-8, with a header; dates are `M/D/YYYY H:MM`. */
  readonly transactions: string
  /** Clickstream, one JSON object a line, in order of arrival. */
  readonly activity: string
  /** Stock movements, of the same form. */
  readonly inventory: string
  /** Folder with campaign_descriptions.csv, campaigns.csv and coupon_redemptions.csv. */
  readonly campaigns: string
  readonly counts: {
    readonly transactions: TransactionCounts
    readonly activity: StreamCounts
    readonly inventory: StreamCounts
  }
}

/** The activity begins here and ends when there is enough of it. */
const ACTIVITY_START_MINUTE = Date.UTC(2011, 8, 1) / 60_000
/** Records of a stream for each line of the transactions. */
const ACTIVITY_SHARE = 0.13
const INVENTORY_SHARE = 0.0056

/**
 * Writes a year of invented retail data with the shape and the dirt of the UCI Online Retail data: the same
 * seed and size give the same bytes everywhere. Products and campaigns are made up; no real customer is in
 * it.
 */
export async function generateRetail({ seed, lines, outDir }: GenerateOptions): Promise<GeneratedRetail> {
  const paths = {
    transactions: join(outDir, 'transactions.csv'),
    activity: join(outDir, 'activity.jsonl'),
    inventory: join(outDir, 'inventory.jsonl'),
    campaigns: join(outDir, 'campaigns'),
  }
  await mkdir(paths.campaigns, { recursive: true })
  const transactions = noTransactions()
  const streams: Streams = { activity: [], inventory: [] }
  await writeText(paths.transactions, transactionPieces(seed, lines, transactions, streams))
  const activity = arrive(streams.activity, new Random(seed, 5))
  const inventory = arrive(streams.inventory, new Random(seed, 6))
  await writeText(paths.activity, activity.lines)
  await writeText(paths.inventory, inventory.lines)
  const files = makeCampaigns(new Random(seed, 7))
  await writeText(join(paths.campaigns, 'campaign_descriptions.csv'), files.descriptions)
  await writeText(join(paths.campaigns, 'campaigns.csv'), files.campaigns)
  await writeText(join(paths.campaigns, 'coupon_redemptions.csv'), files.redemptions)
  return { ...paths, counts: { transactions, activity: activity.counts, inventory: inventory.counts } }
}

/** Records of the streams, gathered while the transactions are written. */
interface Streams {
  readonly activity: StreamRecord[]
  readonly inventory: StreamRecord[]
}

function* transactionPieces(
  seed: number,
  lines: number,
  counts: TransactionCounts,
  streams: Streams,
): Generator<string> {
  const faults = new Random(seed, 4)
  const visitors = new Random(seed, 8)
  const stock = new Random(seed, 9)
  yield HEADER
  for (const invoice of makeInvoices(seed, lines)) {
    yield invoiceText(invoice, faults, counts)
    if (invoice.minute < ACTIVITY_START_MINUTE) continue
    if (isFullOrder(invoice) && streams.activity.length < lines * ACTIVITY_SHARE) {
      for (const record of sessionsAround(invoice, visitors)) streams.activity.push(record)
    }
    if (movesStock(invoice) && streams.inventory.length < lines * INVENTORY_SHARE && stock.chance(0.5)) {
      for (const record of movementsOf(invoice, stock)) streams.inventory.push(record)
    }
  }
}

/** An order that is an invoice event: a purchase must find it. */
function isFullOrder({ kind, lines }: Invoice): boolean {
  return kind === 'order' && lines.some(({ price, quantity }) => price > 0 && quantity > 0)
}

function movesStock({ kind }: Invoice): boolean {
  return kind === 'order' || kind === 'stock'
}
