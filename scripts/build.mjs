// Builds dist: compiles the kernels (AssemblyScript) and all TypeScript, then copies what the compiler does
// not (pages, SQL, Wasm), removes output whose source is gone, makes the command executable and bundles the
// doors. Two builds at a time would write the same files, so they take turns.
import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { bundle } from './bundle/bundle.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const dist = join(root, 'dist')
const lock = join(root, 'node_modules', '.millrace-build')
const FOLDERS = [
  'engine',
  'sql',
  'connectors',
  'proto',
  'worker',
  'driver',
  'cli',
  'ml',
  'examples',
  'tests',
  'bench',
]
const COPIED = /\.(html|css|svg|sql|wasm)$/
const LOCK_IS_STALE_MS = 120_000

await takeLock()
try {
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const compiled = spawnSync(process.execPath, [compiler, '-b'], { cwd: root, stdio: 'inherit' })
  const kernels = buildKernels()
  for (const file of filesBelow(FOLDERS.map((folder) => join(root, folder)))) copyAsset(file)
  for (const file of filesBelow(FOLDERS.map((folder) => join(dist, folder)))) removeStale(file)
  const command = join(dist, 'cli', 'main.js')
  if (existsSync(command)) chmodSync(command, 0o755)
  const bundled = await bundle(root)
  process.exitCode = (compiled.status ?? 1) || kernels || bundled
} finally {
  rmSync(lock, { recursive: true, force: true })
}

/** Waits for another build to end. A lock older than two minutes was left by a build that was killed. */
async function takeLock() {
  for (;;) {
    try {
      mkdirSync(lock)
      return
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? 0)
    if (age > LOCK_IS_STALE_MS) rmSync(lock, { recursive: true, force: true })
    else await sleep(100)
  }
}

/**
 * One module of all kernels, made again when one of their sources is younger. Gives the compiler's status.
 */
function buildKernels() {
  const sources = filesBelow([join(root, 'engine', 'kernels', 'assembly')])
  const output = join(dist, 'engine', 'kernels', 'kernels.wasm')
  const madeMs = statSync(output, { throwIfNoEntry: false })?.mtimeMs ?? 0
  if (sources.every((source) => statSync(source).mtimeMs < madeMs)) return 0
  const compiler = join(root, 'node_modules', 'assemblyscript', 'bin', 'asc.js')
  const entry = join('engine', 'kernels', 'assembly', 'index.ts')
  const memory = ['--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536']
  const features = ['--enable', 'simd', '--enable', 'threads', '--enable', 'bulk-memory']
  const form = ['-O3', '--noAssert', '--runtime', 'stub']
  const flags = [entry, '-o', output, ...form, ...memory, ...features]
  return spawnSync(process.execPath, [compiler, ...flags], { cwd: root, stdio: 'inherit' }).status ?? 1
}

/** Every file in the folders, at any depth. */
function filesBelow(folders) {
  return folders.flatMap((folder) => {
    if (!existsSync(folder)) return []
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
  })
}

function copyAsset(file) {
  if (!COPIED.test(file)) return
  const target = join(dist, file.slice(root.length))
  if (existsSync(target) && statSync(target).mtimeMs >= statSync(file).mtimeMs) return
  mkdirSync(dirname(target), { recursive: true })
  copyFileSync(file, target)
}

/** Output without a source is of a file that was renamed or removed; it must not reach the package. */
function removeStale(file) {
  const source = join(root, file.slice(dist.length + sep.length))
  const origin = source.replace(/(\.d\.ts|\.js)(\.map)?$/, '.ts')
  if (file.endsWith('kernels.wasm')) return
  if (origin === source ? COPIED.test(file) && !existsSync(source) : !existsSync(origin)) rmSync(file)
}
