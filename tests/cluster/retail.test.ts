import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, expect, test } from 'vitest'

const MAIN = resolve('dist/examples/retail/main.js')
const folder = mkdtempSync(join(tmpdir(), 'retail-cluster-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Answers of the batch job by the name of their file. */
function answers(name: string, master: string): ReadonlyMap<string, string> {
  const out = join(folder, name)
  const args = [MAIN, 'batch', '--out', out, '--master', master, '--lines', '8000']
  const { status, stderr } = spawnSync(process.execPath, args, {
    cwd: folder,
    encoding: 'utf8',
    env: {
      ...process.env,
      MILLRACE_RETAIL_SECRET: 'a secret for tests, long enough',
      MILLRACE_RETAIL_MEMORY: '512m',
    },
  })
  expect(stderr, master).not.toContain('error')
  expect(status, stderr).toBe(0)
  // Where an example program writes its answers: a file for each definition.
  const { folders } = JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8')) as {
    readonly folders: { readonly results: string }
  }
  const files = readdirSync(folders.results).filter((file) => file.endsWith('.csv'))
  return new Map(files.map((file) => [file, readFileSync(join(folders.results, file), 'utf8')]))
}

test('the retail batch job gives the same answers on a cluster as in one process', () => {
  const local = answers('local', 'local[2]')
  const cluster = answers('cluster', 'local-cluster[2,1]')
  expect(local.size).toBeGreaterThan(30)
  for (const [file, text] of local) expect(cluster.get(file), file).toBe(text)
  expect(cluster.size).toBe(local.size)
})
