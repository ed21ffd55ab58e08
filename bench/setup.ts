import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { environmentFolder } from './run/engines.ts'

/** The peers, from PyPI. docs/decisions/0018 says why these and why so. */
export const PEER_PACKAGES: readonly string[] = [
  'duckdb==2.0.0',
  'polars==2.1.0',
  'datafusion==55.0.0',
  'pyarrow==26.0.1',
  'numpy==2.4.6',
  'tpchgen-cli==4.0.0',
  'pyspark[connect]==4.3.0',
]

/** Makes the Python environment of the peers, or completes it. Gives the exit code. */
export function setUpPeers(): number {
  const folder = environmentFolder()
  const python = join(folder, 'bin', 'python')
  if (!existsSync(python) && !succeeds('python3', ['-m', 'venv', folder])) return 1
  const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...PEER_PACKAGES]
  if (!succeeds(python, install)) return 1
  process.stdout.write(`peers are in ${folder}\n`)
  if (spawnSync('java', ['-version']).status !== 0)
    process.stdout.write('spark needs a Java runtime (17 or later) as "java" on the PATH\n')
  return 0
}

function succeeds(command: string, args: readonly string[]): boolean {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' })
  if (error !== undefined) process.stderr.write(`error: cannot start ${command}: ${error.message}\n`)
  return status === 0
}
