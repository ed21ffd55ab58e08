/** The whole output of one attempt of a task; `jobId` begins with the session and a slash. */
export interface OutputKey {
  readonly jobId: string
  readonly stageId: number
  /** Which task of the stage made it. */
  readonly partition: number
  readonly attempt: number
}

/** The session that a job belongs to. */
export function sessionOf(jobId: string): string {
  const slash = jobId.indexOf('/')
  return slash < 0 ? jobId : jobId.slice(0, slash)
}

/** For people: `stage 2, task 7, attempt 0 of job "s-12/3"`. */
export function formatOutput({ jobId, stageId, partition, attempt }: OutputKey): string {
  return `stage ${stageId}, task ${partition}, attempt ${attempt} of job "${jobId}"`
}
