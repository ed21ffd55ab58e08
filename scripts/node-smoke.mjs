// Runs tests/smoke/program.mjs on another version of Node: `node scripts/node-smoke.mjs 22`. The registry
// holds Node itself, one package a platform. They are installed on demand into node_modules/.cache, not as
// dependencies: each has a command named `node`, which would take the place of the real one in every npm
// script.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const VERSIONS = { 22: '22.23.3', 24: '24.21.0' }
const root = fileURLToPath(new URL('..', import.meta.url))
const major = process.argv[2] ?? ''
const version = VERSIONS[major]
if (version === undefined) throw new Error(`known versions are ${Object.keys(VERSIONS).join(' and ')}`)

const node = install()
const program = join(root, 'tests', 'smoke', 'program.mjs')
const { status } = spawnSync(node, [program, version], { cwd: root, stdio: 'inherit', timeout: 300_000 })
process.exitCode = status ?? 1

/** The path of the executable, fetched once. */
function install() {
  const platform = { win32: 'win' }[process.platform] ?? process.platform
  const name = `node-${platform}-${process.arch}`
  const folder = join(root, 'node_modules', '.cache', `node-${version}`)
  const file = process.platform === 'win32' ? 'node.exe' : 'node'
  const executable = join(folder, 'node_modules', name, 'bin', file)
  if (existsSync(executable)) return executable
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
  const args = [
    'install',
    '--no-audit',
    '--no-fund',
    '--no-package-lock',
    '--prefix',
    folder,
    `${name}@${version}`,
  ]
  const { status } = spawnSync('npm', args, {
    cwd: folder,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  if (status !== 0 || !existsSync(executable)) throw new Error(`npm could not install ${name}@${version}`)
  return executable
}
