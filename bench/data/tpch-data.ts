import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder, environmentProgram } from '../run/engines.ts'

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
  const folder = cacheFolder('tpch', `sf${scaleFactor}`)
  if (existsSync(folder)) return folder
  const generator = environmentProgram('tpchgen-cli')
  if (generator === null) throw new Error('tpchgen-cli is not installed: npm run bench -- setup')
  const unfinished = `${folder}.part`
  mkdirSync(unfinished, { recursive: true })
  const options = ['--compression=SNAPPY', '--row-group-bytes=16MB', `--output-dir=${unfinished}`]
  const args = ['parquet', '-s', String(scaleFactor), ...options, '--overwrite']
  process.stderr.write(`making TPC-H at scale factor ${scaleFactor} in ${folder}\n`)
  const { status } = spawnSync(generator, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  if (status !== 0) {
    rmSync(unfinished, { recursive: true, force: true })
    throw new Error('tpchgen-cli failed')
  }
  renameSync(unfinished, folder)
  return folder
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
