import { appendFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { EventLog, listEventLogs, readEventLog } from '../../../driver/cluster/index.ts'
import type { TimedRecord } from '../../../driver/cluster/job-events.ts'
import type { EngineError } from '../../../engine/errors.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-events-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const RECORDS: readonly TimedRecord[] = [
  { kind: 'driverStarted', build: 'b', atMs: 1 },
  {
    kind: 'jobSubmitted',
    jobId: 's-1/1',
    sessionId: 's-1',
    label: 'select "é"\n',
    pool: 'default',
    stages: [],
    atMs: 2,
  },
  { kind: 'stageStarted', jobId: 's-1/2', stageId: 0, atMs: 3 },
  { kind: 'stageStarted', jobId: 's-1/1', stageId: 0, atMs: 4 },
  {
    kind: 'jobEnded',
    jobId: 's-1/1',
    state: 'failed',
    error: { code: 'CANCELLED', message: 'no' },
    metrics: { 3: { rows: 5 } },
    tasksDone: 1,
    tasksFailed: 0,
    atMs: 5,
  },
]

async function readAll(file: string): Promise<TimedRecord[]> {
  const records: TimedRecord[] = []
  for await (const record of readEventLog(file)) records.push(record)
  return records
}

test('every job has a file with its records in order, the driver one with the rest', async () => {
  const errors: EngineError[] = []
  const log = new EventLog({ folder, onError: (error) => errors.push(error) })
  for (const record of RECORDS) log.observe(record)
  await log.close()
  expect(errors).toEqual([])
  const files = listEventLogs(folder)
  expect(files.map((file) => basename(file).replace(/\d{5,}/, 'TIME'))).toEqual([
    'driver-TIME.jsonl',
    's-1-1.jsonl',
    's-1-2.running.jsonl',
  ])
  const byJob = (jobId: string): readonly TimedRecord[] =>
    RECORDS.filter((record) => 'jobId' in record && record.jobId === jobId)
  expect(await readAll(files[0]!)).toEqual([RECORDS[0]])
  expect(await readAll(files[1]!)).toEqual(byJob('s-1/1'))
  expect(await readAll(files[2]!)).toEqual(byJob('s-1/2'))
})

test('a last line that was cut is left out; another one is an error with its line', async () => {
  const file = join(folder, 'x.jsonl')
  writeFileSync(file, `${JSON.stringify(RECORDS[0])}\n{"kind":"stageSta`)
  expect(await readAll(file)).toEqual([RECORDS[0]])
  appendFileSync(file, `\n${JSON.stringify(RECORDS[2])}\n`)
  await expect(readAll(file)).rejects.toMatchObject({ code: 'MALFORMED_RECORD', position: { line: 2 } })
})

test('a folder that is gone is told once, and harms nobody', async () => {
  const errors: EngineError[] = []
  const log = new EventLog({ folder, onError: (error) => errors.push(error) })
  rmSync(folder, { recursive: true })
  for (const record of RECORDS) log.observe(record)
  await log.close()
  for (const record of RECORDS) log.observe(record)
  await log.close()
  expect(errors.map(({ code }) => code)).toEqual(['IO_ERROR'])
  expect(readdirSync(tmpdir())).not.toContain(basename(folder))
})
