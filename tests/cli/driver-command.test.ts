import { type ChildProcess, spawn } from 'node:child_process'
import { afterEach, describe, expect, test } from 'vitest'
import { logLine } from '../../cli/cluster-log.ts'
import { durationText, sizeText, textTable } from '../../cli/text-table.ts'
import { MAIN, millrace, testFolder } from './run-cli.ts'

const folder = testFolder()
const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

interface StartedDriver {
  readonly address: string
  readonly child: ChildProcess
  readonly ended: Promise<number | null>
  output(): string
}

/** A driver on a free port, once it listens. */
async function startDriver(flags: readonly string[], input?: string): Promise<StartedDriver> {
  const child = spawn(process.execPath, [MAIN, 'driver', '--listen', '127.0.0.1:0', ...flags], {
    cwd: folder.path,
  })
  children.push(child)
  let text = ''
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  if (input !== undefined) child.stdin.write(input)
  const address = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (piece: string) => {
        text += piece
        const found = /listens on (\S+:\d+)/.exec(text)?.[1]
        if (found !== undefined) resolve(found)
      })
    void ended.then(() => reject(new Error(text)))
  })
  return { address, child, ended, output: () => text }
}

describe('millrace driver', () => {
  test('serves, tells its state, and ends on SIGTERM with 0', async () => {
    const { address, child, ended } = await startDriver(['--ui', '127.0.0.1:0', '--log', 'json'])
    const status = await millrace(folder.path, ['status', '--driver', `millrace://${address}`])
    expect(status.stdout).toMatch(/^driver \S+, build \S+, up .*\n0 workers, 0 slots, 0 used; 0 sessions\n$/)
    const json = await millrace(folder.path, ['status', '--json'], {
      env: { MILLRACE_MASTER: `millrace://${address}` },
    })
    expect(JSON.parse(json.stdout)).toMatchObject({ workers: [], sessions: [], programs: [] })
    expect((await millrace(folder.path, ['jobs', '--driver', address])).stdout).toBe('no jobs\n')
    const killed = await millrace(folder.path, ['kill', '--driver', address, 'p-1'])
    expect([killed.code, killed.stderr]).toEqual([1, expect.stringContaining('no job or program "p-1"')])
    const gone = await millrace(folder.path, ['decommission', '--driver', address, 'w-1'])
    expect([gone.code, gone.stderr]).toEqual([1, expect.stringContaining('no worker "w-1"')])
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
  })

  test('takes its token from standard input, asks for it, and ends when that ends', async () => {
    const token = 'abc-very-secret'
    const { address, child, ended, output } = await startDriver(['--token-stdin'], `${token}\n`)
    const without = await millrace(folder.path, ['status', '--driver', address])
    expect([without.code, without.stderr]).toEqual([1, expect.stringContaining('UNAUTHENTICATED')])
    const file = folder.write('token', `${token}\n`)
    const by = await millrace(folder.path, ['status', '--driver', address, '--token-file', file])
    expect([by.code, by.stderr]).toEqual([0, ''])
    child.stdin?.end()
    expect(await ended).toBe(0)
    expect(output()).not.toContain(token)
  })

  test.each([
    [['--listen', '0.0.0.0:0'], 2, 'without authentication'],
    [['--listen', '127.0.0.1:0', '--ui', '0.0.0.0:0'], 2, 'refused to show the page'],
    [['--listen', '192.0.2.1:7077', '--token-file', folder.write('t', 'x')], 2, 'cannot listen'],
    [['--tls-ca', MAIN], 2, 'needs a certificate of its own'],
    [['--token-file', 'missing'], 1, 'cannot read the token file'],
    [['--token-file', folder.write('empty', '\n')], 2, 'is empty'],
    [['--pools', 'etl'], 2, 'which is no pool'],
    [['--heartbit', '1s'], 2, 'Did you mean "--heartbeat"?'],
  ])('refuses %j', async (flags, code, text) => {
    const run = await millrace(folder.path, ['driver', ...flags])
    expect([run.code, run.stderr]).toEqual([code, expect.stringContaining(text)])
  })
})

describe('what people read', () => {
  test('tables, sizes and times', () => {
    expect(
      textTable(
        ['A', 'LONG'],
        [
          ['xyz', 1],
          ['', 20],
        ],
      ),
    ).toBe('A    LONG\nxyz     1\n       20\n')
    expect([0, 1023, 1536, 20 * 2 ** 30].map(sizeText)).toEqual(['0 B', '1023 B', '1.5 KiB', '20 GiB'])
    expect([0.4, 999, 90_000, 3.6e6, 9e6].map(durationText)).toEqual([
      '0 ms',
      '999 ms',
      '90 s',
      '60 min',
      '2.5 h',
    ])
  })

  test('a log line stays one line, whatever users call their jobs', () => {
    const record = {
      kind: 'jobSubmitted',
      jobId: 's-1/1',
      sessionId: 's-1',
      label: 'select 1\nx',
      pool: 'default',
      stages: [],
      atMs: 0,
    } as const
    const text = 'jobId=s-1/1 sessionId=s-1 label="select 1\\nx" pool=default'
    expect(logLine(record, 'text')).toBe(`1970-01-01T00:00:00.000Z jobSubmitted ${text}\n`)
    expect(JSON.parse(logLine(record, 'json'))).toEqual({
      time: '1970-01-01T00:00:00.000Z',
      event: 'jobSubmitted',
      jobId: 's-1/1',
      sessionId: 's-1',
      label: 'select 1\nx',
      pool: 'default',
    })
  })
})
