import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { JobProfile } from '../../driver/profile/index.ts'
import type { CpuProfile } from '../../engine/run/index.ts'
import { millrace, testFolder } from './run-cli.ts'

const folder = testFolder()
const QUERY =
  "select id % 7 as k, count(*) as n from range(0, 100000, 1, 4) where 'a</script>b' <> 'c' group by k"

function json(...path: readonly string[]): unknown {
  return JSON.parse(readFileSync(join(folder.path, ...path), 'utf8'))
}

test('--profile writes samples of every thread, operator times and a page', async () => {
  const args = ['sql', '--master', 'local[2]', '--profile', 'out', '--format', 'csv', QUERY]
  const run = await millrace(folder.path, args)
  expect(run.stderr).toBe('')
  expect(run.stdout.split('\n').length).toBe(9)
  expect(readdirSync(join(folder.path, 'out')).sort()).toEqual([
    'driver.cpuprofile',
    'operators.json',
    'profile.html',
    'thread-1.cpuprofile',
    'thread-2.cpuprofile',
  ])
  for (const name of ['driver', 'thread-1', 'thread-2']) {
    const profile = json('out', `${name}.cpuprofile`) as CpuProfile
    expect(profile.samples.length).toBe(profile.timeDeltas.length)
    expect(profile.nodes[0]!.callFrame.functionName).toBe('(root)')
  }
})

test('operator times count the rows of each operator and the tasks of each stage', () => {
  const [job, ...rest] = json('out', 'operators.json') as readonly JobProfile[]
  expect(rest).toEqual([])
  expect(job!.label).toBe(QUERY)
  const operators = job!.stages.flatMap((stage) => stage.operators)
  expect(operators.find(({ kind }) => kind === 'RangeExec')?.rows).toBe(100000)
  expect(job!.stages.at(-1)!.output).toBe('result')
  expect(job!.stages.at(-1)!.operators[0]!.rows).toBe(7)
  for (const { startMs, endMs, failed } of job!.tasks) {
    expect(failed).toBe(false)
    expect(startMs).toBeGreaterThanOrEqual(job!.startMs)
    expect(endMs).toBeGreaterThanOrEqual(startMs)
  }
})

test('the page carries all it needs', () => {
  const page = readFileSync(join(folder.path, 'out', 'profile.html'), 'utf8')
  const data = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(page)?.[1]
  const { jobs, threads } = JSON.parse(data!) as {
    readonly jobs: readonly JobProfile[]
    readonly threads: readonly { readonly name: string }[]
  }
  expect(jobs[0]!.label).toBe(QUERY)
  expect(threads.map(({ name }) => name)).toEqual(['driver', 'thread-1', 'thread-2'])
  expect(page.replace(data!, '')).not.toMatch(/\b(src|href)=|@import|url\(/)
})

test('submit hands the flag on; a second session of a program has a folder of its own', async () => {
  folder.write(
    'twice.ts',
    `import { Session } from 'millrace'
for (const rows of [10, 20]) {
  const session = new Session({ master: 'local' })
  console.log(await session.range(rows).count())
  await session.stop()
}
const rdd = new Session({ master: 'local', profile: 'rdd' })
console.log(await rdd.parallelize([1, 2, 3]).map((n) => n * 2).sum())
await rdd.stop()
`,
  )
  const run = await millrace(folder.path, ['submit', '--profile', 'program', 'twice.ts'])
  expect(run.stderr).toBe('')
  expect(run.stdout).toBe('10\n20\n12\n')
  const second = json('program', 'session-2', 'operators.json') as readonly JobProfile[]
  expect(second[0]!.stages[0]!.operators.at(-1)!.rows).toBe(20)
  expect((json('rdd', 'operators.json') as readonly JobProfile[]).length).toBe(1)
})

test('a statement that fails leaves a profile too', async () => {
  const args = ['sql', '--master', 'local', '--profile', 'failed', 'select 1 / (id - 5) from range(10)']
  const run = await millrace(folder.path, args)
  expect(run.stderr).toContain('DIVIDE_BY_ZERO')
  expect(run.code).toBe(1)
  const [job] = json('failed', 'operators.json') as readonly JobProfile[]
  expect(job!.tasks.map(({ failed }) => failed)).toContain(true)
})

test('a folder that cannot be made is an error that names it', async () => {
  folder.write('file', 'x')
  const run = await millrace(folder.path, ['sql', '--profile', 'file', 'select 1'])
  expect(run.code).toBe(1)
  expect(run.stderr).toMatch(/error \[IO_ERROR\]: cannot write the profile into "file"/)
})
