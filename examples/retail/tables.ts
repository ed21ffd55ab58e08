import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Session } from 'millrace'
import { SQL_FOLDER } from './analyses.ts'
import type { Progress } from './progress.ts'

/** Statements over activity, left out when there is none. */
const OF_ACTIVITY = /activity/

/**
 * Makes the tables (Parquet, partitioned and bucketed) and views that the definitions read, in the order of the files in
 * sql/setup. They begin with the views `incoming_transactions` and `incoming_activity`.
 */
export async function makeTables(session: Session, hasActivity: boolean, progress: Progress): Promise<void> {
  const folder = join(SQL_FOLDER, 'setup')
  for (const file of (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort()) {
    if (OF_ACTIVITY.test(file) && !hasActivity) continue
    progress.step(`tables: ${file.slice(3, -4)}`)
    await session.execute(await readFile(join(folder, file), 'utf8'))
  }
}
