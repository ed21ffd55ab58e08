import { afterAll, beforeAll, expect, test } from 'vitest'
import { millrace, testFolder } from '../cli/run-cli.ts'
import { startCluster, type TestCluster } from './test-cluster.ts'

const folder = testFolder()
let running: TestCluster
let place: readonly string[]

beforeAll(async () => {
  running = await startCluster()
  await running.untilWorkers(2)
  const token = folder.write('token', running.cluster.token)
  place = ['--master', `millrace://${running.cluster.address}`, '--token-file', token]
})
afterAll(() => running.close())

test('millrace sql runs a query on a cluster', async () => {
  const query = 'select id % 2 as k, count(*) as n from range(100000) group by 1 order by 1'
  const { code, stdout, stderr } = await millrace(folder.path, ['sql', ...place, '--format', 'csv', query])
  expect(stderr).toBe('')
  expect(code).toBe(0)
  expect(stdout).toBe('k,n\n0,50000\n1,50000\n')
})

test('an error of a task is told as in one process', async () => {
  const query = 'select 1 / (id - 5) from range(10)'
  const { code, stderr } = await millrace(folder.path, ['sql', ...place, query])
  expect(code).toBe(1)
  expect(stderr).toContain('DIVIDE_BY_ZERO')
})

test('millrace submit runs the program here and its jobs there', async () => {
  const script = folder.write(
    'job.ts',
    `import { Session } from 'millrace'
const session = new Session()
const factor = 3
const tripled = session.parallelize([1, 2, 3], 3).map((x: number) => x * factor, { with: { factor } })
console.log(JSON.stringify(await tripled.collect()), process.argv[2])
await session.stop()
`,
  )
  const { code, stdout, stderr } = await millrace(folder.path, ['submit', ...place, script, 'argument'])
  expect(stderr).toBe('')
  expect(stdout).toBe('[3,6,9] argument\n')
  expect(code).toBe(0)
})

test('a wrong token is refused with a hint, and a driver that is not there is named', async () => {
  const wrong = folder.write('wrong', 'not-the-token')
  const master = ['--master', `millrace://${running.cluster.address}`]
  const refused = await millrace(folder.path, [
    'sql',
    ...master,
    '--token-file',
    wrong,
    'select id from range(1)',
  ])
  expect(refused.code).toBe(1)
  expect(refused.stderr).toContain('UNAUTHENTICATED')
  const nobody = await millrace(folder.path, [
    'sql',
    '--master',
    'millrace://127.0.0.1:9',
    'select id from range(1)',
  ])
  expect(nobody.code).toBe(1)
  expect(nobody.stderr).toContain('CLUSTER_UNREACHABLE')
})

test('local-cluster starts its processes and ends them', async () => {
  const query = 'select count(*) as n from (select distinct id % 10 from range(1000))'
  const args = ['sql', '--master', 'local-cluster[2,1]', '--memory', '512m', '--format', 'csv', query]
  const { code, stdout } = await millrace(folder.path, args)
  expect(stdout).toBe('n\n10\n')
  expect(code).toBe(0)
})
