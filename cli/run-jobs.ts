import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Session } from '../driver/session.ts'
import { EngineError } from '../engine/errors.ts'
import { splitStatements } from '../sql/parser/index.ts'
import { exitCodes } from './arguments.ts'
import { discard, extensionOf, isBinary, type OutputFormat, outputSink } from './output.ts'
import { Progress } from './progress.ts'
import { reportError } from './report-error.ts'
import { runStatement } from './run-statement.ts'

/** One text to run: a file, or the query of the command line. */
export interface Job {
  readonly name: string
  readonly text: string
}

/** How texts are run, and where their rows go. */
export interface JobSettings {
  readonly format: OutputFormat
  /** A file, or with several jobs a folder; standard output if undefined. */
  readonly output: string | undefined
  readonly repeat: number
  /** File for one JSON line a run. */
  readonly timing: string | undefined
}

/**
 * Runs texts in order, each `repeat` times, and stops at the first error. Ctrl-C cancels the query that runs.
 * Gives the exit code.
 */
export async function runJobs(
  session: Session,
  jobs: readonly Job[],
  settings: JobSettings,
): Promise<number> {
  const targets = targetsOf(jobs, settings)
  if (settings.timing !== undefined) {
    mkdirSync(dirname(settings.timing), { recursive: true })
    writeFileSync(settings.timing, '')
    await session.warmUp()
  }
  const abort = new AbortController()
  const onInterrupt = (): void => abort.abort()
  process.once('SIGINT', onInterrupt) // Only once: a second Ctrl-C ends the process.
  try {
    for (const [index, job] of jobs.entries())
      for (let run = 0; run < settings.repeat; run++) {
        try {
          await runJob(session, job, run, targets[index]!, settings, abort.signal)
        } catch (error) {
          if (jobs.length > 1) process.stderr.write(`${job.name}: `)
          return reportError(error, job.text)
        }
      }
    return exitCodes.ok
  } finally {
    process.removeListener('SIGINT', onInterrupt)
  }
}

/**
 * Where the rows of each job go; null is standard output. CONFIG_INVALID if two would go to the same file.
 */
function targetsOf(jobs: readonly Job[], { output, format }: JobSettings): readonly (string | null)[] {
  if (output === undefined) return jobs.map(() => null)
  if (jobs.length === 1) return [output]
  const names = jobs.map((job) => basename(job.name).replace(/\.[^.]*$/, '') + extensionOf(format))
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined)
    throw new EngineError('CONFIG_INVALID', `two files would be written to "${twice}"`, {
      hint: 'Give the files different names, or run them one by one.',
    })
  mkdirSync(output, { recursive: true })
  return names.map((name) => join(output, name))
}

/** Runs the statements of a text. A file takes the rows of the last one, standard output those of all. */
async function runJob(
  session: Session,
  job: Job,
  run: number,
  target: string | null,
  { format, timing }: JobSettings,
  signal: AbortSignal,
): Promise<void> {
  const statements = splitStatements(job.text)
  const progress = new Progress()
  let seconds = 0
  let rows = 0
  for (const [index, statement] of statements.entries()) {
    const isLast = index === statements.length - 1
    const isShown = isLast || (target === null && !isBinary(format))
    const sink = isShown ? outputSink(format, target, session) : discard
    const done = await runStatement(session, statement, sink, { signal, progress })
    seconds += done.seconds
    rows = done.rowCount
  }
  if (timing !== undefined)
    appendFileSync(timing, `${JSON.stringify({ file: job.name, run, seconds, rows })}\n`)
}
