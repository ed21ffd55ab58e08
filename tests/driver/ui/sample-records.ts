import type { ClusterRecord, TimedRecord } from '../../../driver/cluster/index.ts'

const executorId = 'w-1/s-1/0'
const jobId = 's-1/1'

function node(nodeId: number, text: string, ...inputs: readonly ReturnType<typeof leaf>[]) {
  return { nodeId, text, inputs }
}

function leaf(nodeId: number, text: string): { nodeId: number; text: string; inputs: never[] } {
  return { nodeId, text, inputs: [] }
}

/** A job of three stages: the first has failed once and is done, the second runs, the third waits. */
export const LABEL = 'SELECT country, sum(price) FROM <b>orders</b> GROUP BY country'

const attempt = (stageId: number, partition: number, number: number, attemptId: number) => ({
  jobId,
  stageId,
  partition,
  attempt: number,
  attemptId,
  executorId,
})

const ended = { runMs: 12, threadId: 1, rows: 100, bytes: 2000, error: null, metrics: {} }
const lost = { code: 'WORKER_LOST', message: 'the executor ended: signal SIGKILL' } as const

const records: readonly ClusterRecord[] = [
  { kind: 'driverStarted', build: 'abc123' },
  { kind: 'workerJoined', workerId: 'w-1', host: 'host-1', slots: 2, memoryBytes: 1e9 },
  { kind: 'sessionOpened', sessionId: 's-1', name: 'job.ts' },
  { kind: 'executorStarted', executorId, workerId: 'w-1', sessionId: 's-1', threads: 2, memoryBytes: 5e8 },
  { kind: 'executorReady', executorId },
  {
    kind: 'jobSubmitted',
    jobId,
    sessionId: 's-1',
    label: LABEL,
    pool: 'default',
    stages: [
      {
        stageId: 0,
        taskCount: 2,
        inputs: [],
        output: 'hash',
        plan: node(2, 'HashAggregateExec: partial', leaf(1, 'ScanExec: orders (country, price)')),
      },
      { stageId: 1, taskCount: 2, inputs: [], output: 'single', plan: leaf(5, 'ScanExec: nations') },
      { stageId: 2, taskCount: 1, inputs: [0, 1], output: 'result', plan: leaf(4, 'ShuffleReadExec') },
    ],
  },
  { kind: 'stageStarted', jobId, stageId: 0 },
  { kind: 'taskLaunched', ...attempt(0, 0, 0, 1) },
  { kind: 'taskLaunched', ...attempt(0, 1, 0, 2) },
  {
    kind: 'taskEnded',
    ...attempt(0, 0, 0, 1),
    ...ended,
    metrics: { 1: { rows: 1000, ms: 5 }, 2: { rows: 10, ms: 9 } },
  },
  { kind: 'taskEnded', ...attempt(0, 1, 0, 2), ...ended, error: lost },
  { kind: 'taskRetries', ...attempt(0, 1, 0, 2), inMs: 100, error: lost },
  { kind: 'taskLaunched', ...attempt(0, 1, 1, 3) },
  {
    kind: 'taskEnded',
    ...attempt(0, 1, 1, 3),
    ...ended,
    metrics: { 1: { rows: 500, ms: 4 }, 2: { rows: 7, ms: 6 } },
  },
  { kind: 'stageEnded', jobId, stageId: 0, rows: 200, bytes: 4000 },
  { kind: 'stageStarted', jobId, stageId: 1 },
  { kind: 'taskLaunched', ...attempt(1, 0, 0, 4) },
]

/** The records, a hundredth of a second apart. */
export function sampleRecords(): readonly TimedRecord[] {
  return records.map((record, index) => ({ ...record, atMs: 1_700_000_000_000 + 10 * index }))
}

/** What would end the job. */
export const endRecords: readonly TimedRecord[] = [
  { kind: 'taskEnded', ...attempt(1, 0, 0, 4), ...ended, atMs: 1_700_000_001_000 },
  {
    kind: 'jobEnded',
    jobId,
    state: 'failed',
    error: { code: 'CAST_INVALID_INPUT', message: 'no number' },
    metrics: {},
    tasksDone: 3,
    tasksFailed: 1,
    atMs: 1_700_000_001_010,
  },
]
