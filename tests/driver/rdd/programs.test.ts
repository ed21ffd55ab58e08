import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, transformSync } from 'esbuild'
import { afterAll, expect, test } from 'vitest'

const dist = fileURLToPath(new URL('../../../dist', import.meta.url))
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-programs-')))
mkdirSync(join(folder, 'node_modules'))
symlinkSync(join(dist, '..'), join(folder, 'node_modules', 'millrace'))
afterAll(() => rmSync(folder, { recursive: true }))

const LIBRARY = `import { Decimal } from 'millrace'
const factor: number = 3
export interface Unused { readonly a: number }
export function price(text: string): string { return Decimal.of(text).times(factor).toString() }
export default function plain(x: number): number { return x + factor }
export const list = { twice: (x: number): number => x * 2 }
`
const PROGRAM = `import { MemoryPool } from 'file://${dist}/engine/memory/index.js'
import { LocalRunner } from 'file://${dist}/driver/local/index.js'
import { RddContext } from 'file://${dist}/driver/rdd/index.js'
import { createHash } from 'node:crypto'
import more, { price, list as lists } from './library.js'
import * as library from './library.js'

interface Line { readonly n: number }
const pool = MemoryPool.create({ limitBytes: 64 << 20 })
const jobs = new LocalRunner(pool, 2)
const context = new RddContext({ pool, jobs, settings: () => ({ timeZone: 'UTC', nowMicros: 0n }) })
const rdd = context.parallelize<number>([1, 2], 2)
const out: unknown[] = []
out.push(await rdd.map((x: number): string => price(String(x) + '.50')).collect())
out.push(await rdd.map((x) => more(x) + lists.twice(x) + library.list.twice(1)).collect())
out.push(await rdd.map((x) => createHash('md5').update(String(x)).digest('hex').length).collect())
function named(x: number): Line { const add = (y: number): number => more(y); return { n: add(x) } }
out.push(await rdd.map(named).collect())
const rate = 4
try { rdd.map((x) => x * rate) } catch (error) { out.push(String((error as Error).message)) }
try {
  await rdd
    .map((x: number) => {
      const line: Line = { n: x }
      if (line.n === 2) throw new Error('two')
      return line
    })
    .collect()
} catch (error) { out.push(/\\n +at .*(program\\.ts:\\d+)/.exec(String((error as Error).stack))?.[1]) }
console.log(JSON.stringify(out))
await jobs.stop()
`

const expected = (file: string): unknown[] => [
  ['4.50', '7.50'],
  [8, 11],
  [32, 32],
  [{ n: 4 }, { n: 5 }],
  `the function of map uses variable "rate", which worker threads do not have (${file}:20)`,
  'program.ts:25',
]

function run(file: string, ...flags: string[]): { readonly lines: unknown; readonly stderr: string } {
  const { stdout, stderr } = spawnSync(process.execPath, ['--enable-source-maps', ...flags, file], {
    cwd: folder,
    encoding: 'utf8',
  })
  expect(stderr.slice(0, 500)).toBe('')
  return { lines: JSON.parse(stdout), stderr }
}

function writeProgram(): string {
  const source = join(folder, 'src')
  mkdirSync(source, { recursive: true })
  writeFileSync(join(source, 'library.ts'), LIBRARY)
  writeFileSync(join(source, 'program.ts'), PROGRAM)
  return source
}

test('built JavaScript: one file a module, with source maps beside', () => {
  const source = writeProgram()
  const target = join(folder, 'built')
  mkdirSync(target)
  for (const name of ['library', 'program']) {
    const text = name === 'library' ? LIBRARY : PROGRAM
    const { code, map } = transformSync(text, {
      loader: 'ts',
      sourcemap: 'external',
      sourcefile: `../src/${name}.ts`,
      target: 'es2022',
    })
    writeFileSync(join(target, `${name}.js`), `${code}\n//# sourceMappingURL=${name}.js.map\n`)
    writeFileSync(join(target, `${name}.js.map`), map)
  }
  writeFileSync(join(target, 'package.json'), '{"type":"module"}')
  expect(source).toContain('src')
  expect(run(join(target, 'program.js')).lines).toEqual(expected('src/program.ts'))
})

test('one bundle, as millrace submit makes it', async () => {
  const source = writeProgram()
  const outfile = join(folder, 'bundle', 'program.mjs')
  await build({
    entryPoints: [join(source, 'program.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: 'inline',
    external: ['file:*', 'millrace'],
  })
  expect(run(outfile).lines).toEqual(expected('src/program.ts'))
})

const LOADER = `import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { transformSync } from 'file://${dist}/../node_modules/esbuild/lib/main.js'
export const resolve = (specifier, context, next) =>
  next(specifier === './library.js' ? './library.ts' : specifier, context)
export function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context)
  const text = readFileSync(fileURLToPath(url), 'utf8')
  const printed = { keepNames: true, minifyWhitespace: true }
  const options = { loader: 'ts', sourcemap: 'inline', sourcefile: url, ...printed }
  return { format: 'module', source: transformSync(text, options).code, shortCircuit: true }
}
`

test('TypeScript by a loader that keeps names, as tsx does', () => {
  const source = writeProgram()
  writeFileSync(join(folder, 'loader.mjs'), LOADER)
  const register = `import { register } from 'node:module'; register('./loader.mjs', import.meta.url)`
  writeFileSync(join(folder, 'register.mjs'), register)
  const { lines } = run(join(source, 'program.ts'), '--import', join(folder, 'register.mjs'))
  expect(lines).toEqual(expected('src/program.ts'))
})
