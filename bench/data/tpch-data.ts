import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { cachedFolder, runEnvironmentProgram } from './cached-folder.ts'

/** The tables of TPC-H. */
export const tpchTables = [
  'customer',
  'lineitem',
  'nation',
  'orders',
  'part',
  'partsupp',
  'region',
  'supplier',
] as const

/** The folder of TPC-H's Parquet files at a scale factor: snappy, row groups of about 16 MB. */
export function tpchFolder(scaleFactor: number): string {
  return cachedFolder(['tpch', `sf${scaleFactor}`], (folder) => {
    const options = ['--compression=SNAPPY', '--row-group-bytes=16MB', `--output-dir=${folder}`]
    runEnvironmentProgram('tpchgen-cli', ['parquet', '-s', String(scaleFactor), ...options, '--overwrite'])
  })
}

/** The files of a folder of TPC-H, by table. */
export function tpchFiles(folder: string): Record<string, string> {
  return Object.fromEntries(
    tpchTables.map((table) => {
      const path = join(folder, `${table}.parquet`)
      if (!existsSync(path)) throw new Error(`"${path}" does not exist`)
      return [table, path]
    }),
  )
}
