import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Session } from 'millrace'
import { SQL_FOLDER } from './analyses.ts'

const SETUP = join(SQL_FOLDER, 'setup')

/** Makes the table `transactions`, partitioned and bucketed, of the view `incoming_transactions`. */
export async function storeTransactions(session: Session): Promise<void> {
  await session.execute(await readFile(join(SETUP, '01_transactions.sql'), 'utf8'))
}

/** Makes the other tables and views that definitions read, in the order of the files in sql/setup. */
export async function makeTables(session: Session): Promise<void> {
  const files = (await readdir(SETUP)).filter((file) => file.endsWith('.sql')).sort()
  for (const file of files.slice(1)) await session.execute(await readFile(join(SETUP, file), 'utf8'))
}
