import type {
  ClusterStatus,
  ExecutorView,
  JobDetail,
  JobView,
  OperatorView,
  ProgramView,
  SessionView,
  StageView,
  StorageView,
  TaskView,
  WorkerView,
} from './views.ts'

/** The part of JSON Schema that the views need. */
export type JsonSchema =
  | { readonly $ref: string }
  | { readonly type: 'array'; readonly items: JsonSchema }
  | {
      readonly type: 'object'
      readonly required: readonly string[]
      readonly properties: Readonly<Record<string, JsonSchema>>
    }
  | { readonly type: 'object'; readonly additionalProperties: JsonSchema }
  | { readonly type: string | readonly string[]; readonly enum?: readonly string[] }

const text = { type: 'string' }
const count = { type: 'integer' }
const number = { type: 'number' }
const textOrNull = { type: ['string', 'null'] }
const numberOrNull = { type: ['number', 'null'] }
const oneOf = (...values: readonly string[]): JsonSchema => ({ type: 'string', enum: values })
const listOf = (name: string): JsonSchema => ({
  type: 'array',
  items: { $ref: `#/components/schemas/${name}` },
})
const integers: JsonSchema = { type: 'array', items: count }

/** Every field of a view has a schema, and no other has: the compiler checks it. */
function view<View extends object>(properties: { readonly [Field in keyof View]-?: JsonSchema }): JsonSchema {
  return { type: 'object', required: Object.keys(properties), properties }
}

const jobFields = {
  jobId: text,
  sessionId: text,
  label: text,
  pool: text,
  state: oneOf('waiting', 'running', 'done', 'failed', 'cancelled'),
  submittedMs: number,
  endedMs: numberOrNull,
  tasksDone: count,
  tasksRunning: count,
  tasksFailed: count,
  taskCount: count,
  stagesDone: count,
  stageCount: count,
  error: textOrNull,
} satisfies Record<string, JsonSchema>

/** The views by name, as components of the OpenAPI document. */
export const schemas: Readonly<Record<string, JsonSchema>> = {
  ClusterStatus: view<ClusterStatus>({
    build: text,
    startedMs: number,
    nowMs: number,
    workers: count,
    slots: count,
    slotsUsed: count,
    memoryBytes: number,
    jobsRunning: count,
    jobsWaiting: count,
    sessions: listOf('Session'),
  }),
  Session: view<SessionView>({
    sessionId: text,
    name: text,
    openedMs: number,
    closedMs: numberOrNull,
    jobsRunning: count,
  }),
  Worker: view<WorkerView>({
    workerId: text,
    host: text,
    state: oneOf('active', 'excluded', 'draining', 'lost'),
    slots: count,
    memoryBytes: number,
    rssBytes: numberOrNull,
    load: numberOrNull,
    diskUsedBytes: numberOrNull,
    lastSeenMs: number,
  }),
  Executor: view<ExecutorView>({
    executorId: text,
    workerId: text,
    sessionId: text,
    state: oneOf('starting', 'ready', 'ended'),
    threads: count,
    tasksRunning: count,
    tasksDone: count,
    tasksFailed: count,
    usedBytes: numberOrNull,
    limitBytes: number,
    rssBytes: numberOrNull,
    spilledBytes: numberOrNull,
    startedMs: number,
    endedMs: numberOrNull,
    reason: textOrNull,
  }),
  Job: view<JobView>(jobFields),
  JobDetail: view<JobDetail>({
    ...jobFields,
    stages: listOf('Stage'),
    notes: { type: 'array', items: view<{ atMs: number; text: string }>({ atMs: number, text }) },
  }),
  Stage: view<StageView>({
    stageId: count,
    state: oneOf('waiting', 'running', 'done'),
    inputs: integers,
    output: text,
    taskCount: count,
    tasksDone: count,
    tasksRunning: count,
    tasksFailed: count,
    startedMs: numberOrNull,
    endedMs: numberOrNull,
    outputBytes: number,
    outputRows: number,
    operators: listOf('Operator'),
  }),
  Operator: view<OperatorView>({
    id: count,
    kind: text,
    text,
    depth: count,
    rows: number,
    ms: numberOrNull,
    selfMs: numberOrNull,
    counters: { type: 'object', additionalProperties: number },
  }),
  Task: view<TaskView>({
    attemptId: count,
    stageId: count,
    partition: count,
    attempt: count,
    executorId: text,
    state: oneOf('launched', 'running', 'succeeded', 'failed', 'cancelled'),
    launchedMs: number,
    beganMs: numberOrNull,
    endedMs: numberOrNull,
    outputBytes: numberOrNull,
    outputRows: numberOrNull,
    error: textOrNull,
  }),
  Storage: view<StorageView>({
    sessionId: text,
    key: text,
    partitions: count,
    partitionCount: count,
    bytes: number,
  }),
  Program: view<ProgramView>({
    programId: text,
    name: text,
    state: oneOf('running', 'succeeded', 'failed', 'killed'),
    submittedMs: number,
    endedMs: numberOrNull,
    starts: count,
    exitCode: numberOrNull,
  }),
  Error: view<{ error: string; hint: string | null }>({ error: text, hint: textOrNull }),
}
