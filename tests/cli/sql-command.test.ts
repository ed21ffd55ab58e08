import { execSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { RecordBatchReader } from 'apache-arrow'
import { describe, expect, test } from 'vitest'
import { MAIN, millrace, type Run, testFolder } from './run-cli.ts'

const folder = testFolder()
const sql = (...args: string[]): Promise<Run> =>
  millrace(folder.path, ['sql', '--master', 'local[2]', ...args])
const read = (name: string): string => readFileSync(join(folder.path, name), 'utf8')

const MIXED = `SELECT 1 AS i, 'a,"b' AS s, CAST(NULL AS INT) AS n,
  TIMESTAMP'2020-01-02 03:04:05.5' AS t, DATE'2020-01-02' AS d, CAST(1.5 AS DECIMAL(10, 2)) AS c,
  array(1, 2) AS l, true AS b`

describe('formats', () => {
  test('csv has a header, NULL is empty, nested values are text', async () => {
    const { stdout, code } = await sql('--format', 'csv', MIXED)
    expect(stdout).toBe('i,s,n,t,d,c,l,b\n1,"a,""b",,2020-01-02 03:04:05.5,2020-01-02,1.50,"[1, 2]",true\n')
    expect(code).toBe(0)
  })

  test('json is one object a line', async () => {
    const { stdout } = await sql('--format', 'json', MIXED)
    expect(JSON.parse(stdout)).toEqual({
      i: 1,
      s: 'a,"b',
      n: null,
      t: '2020-01-02 03:04:05.5',
      d: '2020-01-02',
      c: '1.50',
      l: [1, 2],
      b: true,
    })
  })

  test('table is aligned and counts its rows', async () => {
    const { stdout } = await sql("SELECT * FROM VALUES (1, 'x'), (20, NULL) AS t(n, text)")
    expect(stdout).toBe('n   text\n────────\n 1  x\n20  NULL\n2 rows\n')
  })

  test('arrow is a file that apache-arrow reads', async () => {
    await sql('-o', 'x.arrow', 'SELECT id, CAST(id AS STRING) AS s FROM range(10000)')
    const batches = [...RecordBatchReader.from(readFileSync(join(folder.path, 'x.arrow')))]
    expect(batches.reduce((sum, batch) => sum + batch.numRows, 0)).toBe(10_000)
    expect(batches[0]!.schema.fields.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'id Int64',
      's Utf8',
    ])
  })

  test('parquet is a file that Millrace reads', async () => {
    await sql('-o', 'x.parquet', 'SELECT id, id % 3 AS m FROM range(10000)')
    const { stdout } = await sql(
      '-t',
      'x=x.parquet',
      '--format',
      'csv',
      'SELECT count(*) c, sum(id) s, max(m) m FROM x',
    )
    expect(stdout).toBe('c,s,m\n10000,49995000,2\n')
  })

  test('none discards', async () => {
    expect(await sql('--format', 'none', 'SELECT 1')).toEqual({ code: 0, stdout: '', stderr: '' })
  })
})

describe('files', () => {
  test('with one -f, -o is the file and takes the last statement', async () => {
    folder.write(
      'one.sql',
      'CREATE TEMP VIEW v AS SELECT 7 AS x;\nSELECT 1 AS other;\n-- the last\nSELECT x FROM v',
    )
    expect((await sql('-f', 'one.sql', '-o', 'deep/one.csv')).code).toBe(0)
    expect(read('deep/one.csv')).toBe('x\n7\n')
  })

  test('with several -f, -o is a folder, and timing has one line a run', async () => {
    folder.write('q1.sql', 'SELECT id AS a FROM range(3);')
    folder.write('q2.sql', 'SELECT 2 AS b')
    await sql(
      '-f',
      'q1.sql',
      '-f',
      'q2.sql',
      '-o',
      'out',
      '--format',
      'csv',
      '--repeat',
      '2',
      '--timing',
      'timing.jsonl',
    )
    expect(readdirSync(join(folder.path, 'out')).sort()).toEqual(['q1.csv', 'q2.csv'])
    expect(read('out/q1.csv')).toBe('a\n0\n1\n2\n')
    const runs = read('timing.jsonl')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(runs.map(({ file, run, rows }) => [file, run, rows])).toEqual([
      ['q1.sql', 0, 3],
      ['q1.sql', 1, 3],
      ['q2.sql', 0, 1],
      ['q2.sql', 1, 1],
    ])
    expect(
      runs.every((run) => Object.keys(run).join() === 'file,run,seconds,rows' && Number(run['seconds']) > 0),
    ).toBe(true)
  })

  test('a query that fails leaves the old file and no other', async () => {
    folder.write('kept.csv', 'old')
    const { code } = await sql('-o', 'kept.csv', 'SELECT 1 / (id - 900000) FROM range(1000000)')
    expect(code).toBe(1)
    expect(read('kept.csv')).toBe('old')
    expect(readdirSync(folder.path).filter((name) => name.includes('.part'))).toEqual([])
  })
})

test('-t takes files, folders, globs and options', async () => {
  mkdirSync(join(folder.path, 'parts/day=1'), { recursive: true })
  mkdirSync(join(folder.path, 'parts/day=2'), { recursive: true })
  folder.write('parts/day=1/a.csv', 'x;y\n1;2\n')
  folder.write('parts/day=2/a.csv', 'x;y\n3;4\n')
  folder.write('a.tsv', 'x\ty\n5\t6\n')
  folder.write('a.jsonl', '{"x":7,"y":[8]}\n')
  const tables = ['-t', 'f=parts?sep=;', '-t', 'g=parts/*/*.csv?sep=;', '-t', 't=a.tsv', '-t', 'j=a.jsonl']
  const query = `SELECT 'f' AS s, x, y, day FROM f UNION ALL SELECT 'g', x, y, day FROM g
    UNION ALL SELECT 't', x, y, 0 FROM t UNION ALL SELECT 'j', x, y[0], 0 FROM j ORDER BY s, x`
  const { stdout, stderr } = await sql(...tables, '--format', 'csv', query)
  expect(stderr).toBe('')
  expect(stdout).toBe('s,x,y,day\nf,1,2,1\nf,3,4,2\ng,1,2,1\ng,3,4,2\nj,7,8,0\nt,5,6,0\n')
})

test.each([
  ['an unknown flag names the nearest', ['--formt', 'csv', 'SELECT 1'], 2, 'Did you mean "--format"?'],
  ['an unknown format', ['--format', 'cvs', 'SELECT 1'], 2, 'Did you mean "csv"?'],
  ['a bad master', ['--master', 'locl', 'SELECT 1'], 2, 'master "locl" is not understood'],
  ['a bad memory size', ['--memory', '12x', 'SELECT 1'], 2, 'memory size "12x" is not understood'],
  ['a bad time zone', ['--time-zone', 'Mars/Base', 'SELECT 1'], 2, 'time zone "Mars/Base" is not known'],
  ['a bad repeat', ['--repeat', '0', 'SELECT 1'], 2, 'whole number'],
  ['a bad table', ['-t', 'x', 'SELECT 1'], 2, 'NAME=PATH'],
  ['a missing file', ['-f', 'none.sql'], 2, 'cannot read "none.sql"'],
  ['a missing table file', ['-t', 'x=none.csv', 'SELECT 1'], 1, 'path "none.csv" does not exist'],
  ['a syntax error shows its line', ['SELECT 1\n  FROM WHERE'], 1, '  2 |   FROM WHERE\n'],
  [
    'too little memory',
    ['--memory', '16m', 'SELECT length(repeat(id, 40000000)) FROM range(3)'],
    1,
    'RESOURCES_EXHAUSTED',
  ],
])('%s', async (_, args, code, message) => {
  const run = await sql(...args)
  expect(run.stderr).toContain(message)
  expect([run.code, run.stdout]).toEqual([code, ''])
})

test('a closed pipe ends the command quietly', () => {
  const command = `${process.execPath} ${MAIN} sql --format csv 'SELECT id FROM range(20000000)' | head -2`
  expect(execSync(`${command} 2>&1`, { encoding: 'utf8' })).toBe('id\n0\n')
})

test('Ctrl-C cancels the query with exit code 130', async () => {
  const query = 'SELECT count(*) FROM range(1000000) a CROSS JOIN range(1000000) b WHERE a.id * b.id = 7'
  const run = await millrace(folder.path, ['sql', query, '-o', 'never.csv'], { interruptAfterMs: 2000 })
  expect(run).toEqual({ code: 130, stdout: '', stderr: 'error [CANCELLED]: the job was cancelled\n' })
  expect(existsSync(join(folder.path, 'never.csv'))).toBe(false)
})

test('the environment sets defaults', async () => {
  const env = { MILLRACE_TIME_ZONE: 'Asia/Tokyo', MILLRACE_MASTER: 'local[1]' }
  const { stdout } = await millrace(
    folder.path,
    ['sql', '--format', 'csv', 'SELECT current_timezone() AS z'],
    { env },
  )
  expect(stdout).toBe('z\nAsia/Tokyo\n')
  const wrong = await millrace(folder.path, ['sql', 'SELECT 1'], { env: { MILLRACE_MEMORY: 'much' } })
  expect([wrong.code, wrong.stderr.split('\n')[0]]).toEqual([
    2,
    'error [CONFIG_INVALID]: memory size "much" is not understood',
  ])
})

test('without a terminal, the shell runs what comes in', async () => {
  const input = 'CREATE TEMP VIEW v AS SELECT 3 AS x;\nSELECT x\n  FROM v;\nSELECT nothing;\nSELECT 4 AS y'
  const run = await millrace(folder.path, ['sql', '--format', 'csv'], { input })
  expect([run.code, run.stdout]).toEqual([1, 'x\n3\ny\n4\n'])
  expect(run.stderr).toContain('column "nothing" does not exist')
})

test.each([[['--help']], [['sql', '--help']], [['sql', '-h']], [['submit', '--help']]])(
  'millrace %s',
  async (args) => {
    const run = await millrace(folder.path, args)
    expect([run.code, run.stderr]).toEqual([0, ''])
    expect(run.stdout).toContain('Usage: millrace')
  },
)

test('--version, no command and wrong commands', async () => {
  for (const args of [['--version'], ['sql', '--version'], ['submit', '--version']])
    expect((await millrace(folder.path, args)).stdout).toMatch(/^millrace \d+\.\d+\.\d+ /)
  expect((await millrace(folder.path, [])).code).toBe(2)
  const wrong = await millrace(folder.path, ['sqll'])
  expect([wrong.code, wrong.stderr]).toEqual([
    2,
    'error: unknown command "sqll"\nhint: Did you mean "sql"?\n',
  ])
})
