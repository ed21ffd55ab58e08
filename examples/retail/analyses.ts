import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Session } from 'millrace'
import { writeCsv } from './csv-file.ts'
import type { Progress } from './progress.ts'

/** Answer of one definition, or why there is none. */
export interface Analysis {
  readonly name: string
  readonly rowCount: number
  readonly seconds: number
  /** The input that was missing. */
  readonly skipped?: string
}

/** The definitions: one query a file. */
export const SQL_FOLDER = fileURLToPath(new URL('sql', import.meta.url))

/** What some definitions read besides transactions. */
const NEEDS: Readonly<Record<string, 'activity' | 'campaigns'>> = {
  '002_03_campaign_effectiveness_completejourney': 'campaigns',
  '003_06_funnel_by_device_and_campaign': 'activity',
  '003_08_purchases_by_views_before': 'activity',
}

/** While one query is planned or writes its rows, another one keeps the threads busy. */
const AT_ONCE = 2

/**
 * Runs every definition and writes its answer to `folder`/NAME.csv. Those without their input are skipped.
 */
export async function runAnalyses(
  session: Session,
  folder: string,
  has: { readonly activity: boolean; readonly campaigns: boolean },
  progress: Progress,
): Promise<readonly Analysis[]> {
  await mkdir(folder, { recursive: true })
  const names = (await readdir(SQL_FOLDER))
    .filter((file) => file.endsWith('.sql'))
    .map((file) => file.slice(0, -4))
  const waiting = names.sort().values()
  const done: Analysis[] = []
  const work = async (): Promise<void> => {
    for (const name of waiting) {
      const need = NEEDS[name]
      if (need !== undefined && !has[need]) {
        done.push({ name, rowCount: 0, seconds: 0, skipped: need })
        continue
      }
      done.push(await runAnalysis(session, folder, name))
      progress.step(`definitions: ${done.length} of ${names.length}`)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return done.sort((a, b) => (a.name < b.name ? -1 : 1))
}

async function runAnalysis(session: Session, folder: string, name: string): Promise<Analysis> {
  const start = performance.now()
  const text = await readFile(join(SQL_FOLDER, `${name}.sql`), 'utf8')
  const rowCount = await writeCsv(session.sql(text), join(folder, `${name}.csv`))
  return { name, rowCount, seconds: (performance.now() - start) / 1000 }
}
