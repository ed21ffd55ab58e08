import { existsSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Session } from 'millrace'

/** What happened to the records of a topic, or of all. */
export interface RecordCounts {
  readonly read: number
  readonly accepted: number
  readonly duplicates: number
  readonly deadLettered: number
  /** Accepted ones that came after their window had closed. */
  readonly late: number
  /** Exact, as text. */
  readonly salesVolume: string
  readonly items: number
}

/** Counts what the sinks hold, and nothing else, and writes it to `counts.json`. */
export async function countRecords(session: Session, out: string): Promise<void> {
  const rowsOf = async (table: string, select: string): Promise<readonly Record<string, unknown>[]> => {
    const path = join(out, table)
    if (!existsSync(path)) return []
    const query = `SELECT topic, ${select} FROM parquet.\`${path.replaceAll('`', '``')}\` GROUP BY topic`
    return await session.execute(query)
  }
  const raw = await rowsOf('raw', 'count(*) AS n')
  const clean = await rowsOf('clean', 'count(*) AS n, sum(sales_volume) AS volume, sum(items) AS items')
  const dead = await rowsOf('dead_letter', 'count(*) AS n')
  const late = await rowsOf('late', 'count(*) AS n')
  const at = (rows: readonly Record<string, unknown>[], topic: string, name: string): unknown =>
    rows.find((row) => row['topic'] === topic)?.[name]
  const topics = Object.fromEntries(
    raw
      .map(({ topic }) => String(topic))
      .sort()
      .map((topic) => {
        const [read, accepted, deadLettered] = [raw, clean, dead].map((rows) =>
          Number(at(rows, topic, 'n') ?? 0),
        )
        const counts: RecordCounts = {
          read: read!,
          accepted: accepted!,
          duplicates: read! - accepted! - deadLettered!,
          deadLettered: deadLettered!,
          late: Number(at(late, topic, 'n') ?? 0),
          salesVolume: String(at(clean, topic, 'volume') ?? '0.000'),
          items: Number(at(clean, topic, 'items') ?? 0),
        }
        return [topic, counts]
      }),
  )
  const reasons = await reasonsOf(session, join(out, 'dead_letter'))
  const counts = { total: totalOf(Object.values(topics)), topics, reasons }
  await writeFile(join(out, 'counts.json.new'), `${JSON.stringify(counts, null, 2)}\n`)
  await rename(join(out, 'counts.json.new'), join(out, 'counts.json'))
}

function totalOf(topics: readonly RecordCounts[]): RecordCounts {
  const sum = (of: (counts: RecordCounts) => number): number =>
    topics.reduce((total, each) => total + of(each), 0)
  // Only sales have amounts, so there is nothing to add.
  const sales = topics.find(({ salesVolume }) => salesVolume !== '0.000')
  return {
    read: sum(({ read }) => read),
    accepted: sum(({ accepted }) => accepted),
    duplicates: sum(({ duplicates }) => duplicates),
    deadLettered: sum(({ deadLettered }) => deadLettered),
    late: sum(({ late }) => late),
    salesVolume: sales?.salesVolume ?? '0.000',
    items: sum(({ items }) => items),
  }
}

async function reasonsOf(session: Session, path: string): Promise<Readonly<Record<string, number>>> {
  if (!existsSync(path)) return {}
  const table = `parquet.\`${path.replaceAll('`', '``')}\``
  const rows = await session.execute(`SELECT reason, count(*) AS n FROM ${table} GROUP BY 1 ORDER BY 1`)
  return Object.fromEntries(rows.map(({ reason, n }) => [String(reason), Number(n)]))
}
