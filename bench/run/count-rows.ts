import { Session } from '../../driver/session.ts'

/** How many rows each file has. */
export async function countRows(tables: Readonly<Record<string, string>>): Promise<Record<string, number>> {
  const session = new Session({ master: 'local', timeZone: 'UTC' })
  const counts: Record<string, number> = {}
  try {
    for (const [table, path] of Object.entries(tables))
      counts[table] = Number(await session.read.parquet(path).count())
  } finally {
    await session.stop()
  }
  return counts
}
