import { expect, test } from 'vitest'
import { millrace, testFolder } from './run-cli.ts'

const folder = testFolder()

folder.write(
  'lib.ts',
  `export interface Unused { readonly a: number }
export function half(x: number): number {
  if (x > 100) throw new RangeError('too big')
  return x / 2
}
`,
)

test('runs a TypeScript program with its arguments and the flags as defaults', async () => {
  folder.write(
    'program.ts',
    `import { readFileSync } from 'node:fs'
import { col, Session, sum } from 'millrace'
import { half } from './lib.ts'
const session = new Session()
const frame = session.createDataFrame([{ item: 'tea', n: 3 }, { item: 'mug', n: 1 }, { item: 'tea', n: 2 }])
for await (const row of frame.filter(col('n').gt(0)).groupBy('item').agg({ total: sum('n') }).orderBy('item'))
  console.log(row.item, half(Number(row.total)))
console.log(JSON.stringify(process.argv.slice(2)), session.timeZone, process.env['MILLRACE_MASTER'])
console.log(readFileSync(new URL('./lib.ts', import.meta.url), 'utf8').length > 0, session.usedBytes)
await session.stop()
`,
  )
  const run = await millrace(folder.path, [
    'submit',
    '--master',
    'local[2]',
    '--time-zone',
    'Asia/Tokyo',
    'program.ts',
    'a',
    '--master',
    'x',
    '-h',
  ])
  expect(run.stderr).toBe('')
  expect(run.stdout).toBe('mug 0.5\ntea 2.5\n["a","--master","x","-h"] Asia/Tokyo local[2]\ntrue 0\n')
  expect(run.code).toBe(0)
})

test("stack traces have the program's own lines", async () => {
  folder.write(
    'throws.ts',
    `import { half } from './lib.ts'
interface Point { readonly x: number }
function outer(point: Point): number {
  return half(point.x)
}
outer({ x: 1000 })
`,
  )
  const { code, stderr } = await millrace(folder.path, ['submit', 'throws.ts'])
  expect(code).toBe(1)
  const frames = stderr.match(/\w+\.ts:\d+/g)
  expect([stderr.split('\n')[0], frames]).toEqual([
    'RangeError: too big',
    ['lib.ts:3', 'throws.ts:4', 'throws.ts:6'],
  ])
})

test('an error of a query has its code, its hint and the line that asked', async () => {
  folder.write(
    'fails.ts',
    `import { Session } from 'millrace'
const session: Session = new Session()

await session.sql('SELECT 1 / 0').collect()
`,
  )
  const { code, stderr } = await millrace(folder.path, ['submit', 'fails.ts'])
  expect(code).toBe(1)
  expect(stderr).toMatch(/^error \[DIVIDE_BY_ZERO\]: .*\nhint: .*\n.*fails\.ts:4:\d+\)\n$/)
})

test.each([
  ["the program's exit code", 'exit.js', 'process.exit(7)\n', 7, ''],
  ['a syntax error', 'syntax.ts', 'const x: = 1\n', 1, 'syntax.ts:1:10'],
  ['a missing import', 'missing.ts', "import './none.ts'\n", 1, 'Could not resolve "./none.ts"'],
])('%s', async (_, name, text, code, message) => {
  folder.write(name, text)
  const run = await millrace(folder.path, ['submit', name])
  expect(run.stderr).toContain(message)
  expect(run.code).toBe(code)
})

test('no script, or one that is not there', async () => {
  expect((await millrace(folder.path, ['submit'])).code).toBe(2)
  const run = await millrace(folder.path, ['submit', 'none.ts'])
  expect([run.code, run.stderr]).toEqual([1, 'error [FILE_NOT_FOUND]: script "none.ts" does not exist\n'])
})
