import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as PackageManifest
const app = mkdtempSync(join(tmpdir(), 'millrace-pack-'))
const installed = join(app, 'node_modules', 'millrace')
const COMPILER_OPTIONS = ['--strict', '--target', 'es2023', '--module', 'nodenext', '--types', 'node']

interface PackageManifest {
  readonly version: string
  readonly devDependencies: Readonly<Record<string, string>>
}

/** The fenced block of the README whose fence line is `fence`, such as "ts first-program". */
function readmeBlock(fence: string): string {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const start = readme.indexOf(`\`\`\`${fence}\n`)
  if (start < 0) throw new Error(`README.md has no block "${fence}"`)
  const text = readme.slice(start + fence.length + 4)
  return text.slice(0, text.indexOf('```'))
}

function npm(...args: string[]): string {
  return execFileSync('npm', args, { cwd: app, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

/** Packs what is built and installs the tarball into an empty folder, as a user would. */
beforeAll(() => {
  npm('pack', root, '--ignore-scripts', '--pack-destination', app)
  const tarball = readdirSync(app).find((name) => name.endsWith('.tgz'))
  if (tarball === undefined) throw new Error('npm pack wrote no tarball')
  writeFileSync(join(app, 'package.json'), '{ "private": true, "type": "module" }\n')
  npm(
    'install',
    '--omit=dev',
    '--no-audit',
    '--no-fund',
    `./${tarball}`,
    'typescript@7.0.2',
    '@types/node@20',
  )
}, 180_000)

afterAll(() => rmSync(app, { recursive: true, force: true }))

describe('the packed package', () => {
  test('holds what a program needs and nothing of the house', () => {
    const files = readdirSync(installed, { recursive: true, encoding: 'utf8' })
    expect(files).toEqual(
      expect.arrayContaining(['README.md', 'LICENSE', 'dist/driver/index.js', 'dist/cli/main.js']),
    )
    const isForeign = /^dist\/(?:tests|bench|examples)\/|\.tsbuildinfo$|(?<!\.d)\.ts$/
    expect(files.filter((file) => isForeign.test(file))).toEqual([])
  })

  test('brings no development dependency along', () => {
    const wanted = ['typescript', '@types/node']
    const foreign = Object.keys(manifest.devDependencies).filter((name) => !wanted.includes(name))
    expect(foreign.filter((name) => existsSync(join(app, 'node_modules', name)))).toEqual([])
  })

  test("type-checks and runs the README's first program", () => {
    writeFileSync(join(app, 'program.ts'), readmeBlock('ts first-program'))
    const compiler = join(app, 'node_modules', 'typescript', 'bin', 'tsc')
    const args = [compiler, ...COMPILER_OPTIONS, 'program.ts']
    const compiled = spawnSync(process.execPath, args, { cwd: app, encoding: 'utf8' })
    // Faults in the declarations of our own dependencies are theirs; ours and the program's must have none.
    const ours = compiled.stdout
      .split('\n')
      .filter((line) => /^(?:program\.ts|node_modules\/millrace\/)/.test(line))
    expect(ours).toEqual([])
    const output = execFileSync(process.execPath, ['program.js'], { cwd: app, encoding: 'utf8' })
    expect(output).toBe(readmeBlock('text first-program-output'))
  })

  test('installs the command', () => {
    expect(npm('exec', '--no', '--', 'millrace', '--version').trim()).toContain(manifest.version)
  })
})
