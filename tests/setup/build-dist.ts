import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/**
 * Builds dist once before any test, since worker threads and programs that import the package by its name
 * load built JavaScript. Type errors are shown but do not stop the tests: output is written all the same, and
 * `npm run build`, which every full run starts with, fails on them.
 */
export function setup(): void {
  if (process.env['MILLRACE_BUILT'] !== undefined) return
  process.env['MILLRACE_BUILT'] = '1'
  const build = spawnSync(process.execPath, ['scripts/build.mjs'], { cwd: root, encoding: 'utf8' })
  if (build.status === 0) return
  const lines = `${build.stdout}${build.stderr}`.trim().split('\n')
  console.error(`the build has errors; tests run on what it could write\n${lines.slice(0, 10).join('\n')}`)
}
