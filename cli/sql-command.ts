import { appendFileSync, mkdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { EngineError } from '../engine/errors.ts'
import type { Session } from '../driver/session.ts'
import { splitStatements } from '../sql/parser/index.ts'
import { type Arguments, type Command, exitCodes, sessionFlags } from './arguments.ts'
import { serveJsonLines } from './jsonl-protocol.ts'
import { openSession } from './open-session.ts'
import { extensionOf, isOutputFormat, type OutputFormat, outputFormats, outputSink } from './output.ts'
import { Progress } from './progress.ts'
import { reportError } from './report-error.ts'
import { type RowSink, runStatement } from './run-statement.ts'
import { runShell } from './sql-shell.ts'

/** `millrace sql`: runs queries and prints or writes their rows; without a query, an interactive shell. */
export const sqlCommand: Command = {
  name: 'sql',
  summary: 'run SQL, from the command line, from files or in a shell',
  usage: '[QUERY] [-f FILE]… [-t NAME=PATH]… [flags]',
  flags: [
    { name: 'file', short: 'f', value: 'FILE', multiple: true, usage: 'run the statements of a file; may be repeated' },
    {
      name: 'table',
      short: 't',
      value: 'NAME=PATH',
      multiple: true,
      usage: 'make a file, folder or glob known as a table; the ending tells the format',
    },
    { name: 'format', value: 'FORMAT', usage: `how to write rows: ${outputFormats.join(', ')} (default: table)` },
    { name: 'output', short: 'o', value: 'PATH', usage: 'file to write to; with several -f a folder' },
    { name: 'repeat', value: 'N', usage: 'run each file or query N times' },
    { name: 'timing', value: 'FILE', usage: 'append one JSON line a run: file, run, seconds, rows' },
    { name: 'protocol', value: 'jsonl', usage: 'statements from standard input, one JSON line each on standard output' },
    ...sessionFlags,
  ],
  notes: [
    'Exit codes: 0 done, 1 a statement failed, 2 wrong use, 130 interrupted.',
    'Examples:',
    '  millrace sql "select 1"',
    '  millrace sql -t sales=sales.csv "select country, sum(amount) from sales group by country"',
    '  millrace sql -f report.sql --format csv -o report.csv',
  ],
  run,
}

/** One text to run: a file, or the query of the command line. */
interface Job {
  readonly name: string
  readonly text: string
}

async function run(args: Arguments): Promise<number> {
  let session: Session
  let jobs: readonly Job[]
  let settings: Settings
  try {
    settings = readSettings(args)
    jobs = readJobs(args)
    session = openSession(args)
  } catch (error) {
    reportError(error)
    return exitCodes.usage
  }
  try {
    for (const table of args.all('table')) await addTable(session, table)
    if (settings.protocol) {
      await serveJsonLines(session, process.stdin)
      return exitCodes.ok
    }
    if (jobs.length === 0) return await runShell(session)
    return await runJobs(session, jobs, settings)
  } catch (error) {
    return reportError(error)
  } finally {
    await session.stop()
  }
}

interface Settings {
  readonly format: OutputFormat
  readonly output: string | undefined
  readonly repeat: number
  readonly timing: string | undefined
  readonly protocol: boolean
}

function readSettings(args: Arguments): Settings {
  const output = args.one('output')
  const format = args.one('format') ?? formatOfPath(output)
  if (!isOutputFormat(format))
    throw new EngineError('CONFIG_INVALID', `format "${format}" does not exist`, {
      hint: `There are: ${outputFormats.join(', ')}.`,
    })
  const repeat = Number(args.one('repeat') ?? 1)
  if (!Number.isInteger(repeat) || repeat < 1)
    throw new EngineError('CONFIG_INVALID', `--repeat takes a whole number from 1, not "${args.one('repeat')}"`)
  const protocol = args.one('protocol')
  if (protocol !== undefined && protocol !== 'jsonl')
    throw new EngineError('CONFIG_INVALID', `protocol "${protocol}" does not exist`, { hint: 'There is: jsonl.' })
  return { format, output, repeat, timing: args.one('timing'), protocol: protocol === 'jsonl' }
}

/** The format that a file name asks for; `table` for the terminal. */
function formatOfPath(path: string | undefined): string {
  const ending = path === undefined ? '' : basename(path).split('.').at(-1)!.toLowerCase()
  if (ending === 'jsonl' || ending === 'ndjson') return 'json'
  return isOutputFormat(ending) ? ending : path === undefined ? 'table' : 'csv'
}

function readJobs(args: Arguments): readonly Job[] {
  const jobs = args.all('file').map((path): Job => {
    try {
      return { name: path, text: readFileSync(path, 'utf8') }
    } catch (cause) {
      throw new EngineError('FILE_NOT_FOUND', `cannot read "${path}"`, { cause })
    }
  })
  const query = args.positionals.join(' ')
  return query.trim() === '' ? jobs : [...jobs, { name: 'query', text: query }]
}

async function addTable(session: Session, definition: string): Promise<void> {
  const equals = definition.indexOf('=')
  if (equals <= 0)
    throw new EngineError('CONFIG_INVALID', `--table takes NAME=PATH, not "${definition}"`, {
      hint: 'For example: -t sales=data/sales.parquet',
    })
  await session.registerPath(definition.slice(0, equals), definition.slice(equals + 1))
}

async function runJobs(session: Session, jobs: readonly Job[], settings: Settings): Promise<number> {
  const abort = new AbortController()
  const onInterrupt = (): void => abort.abort()
  process.once('SIGINT', onInterrupt)
  try {
    for (const job of jobs) {
      const target = targetOf(job, jobs.length > 1, settings)
      for (let run = 0; run < settings.repeat; run++) {
        try {
          await runJob(session, job, run, target, settings, abort.signal)
        } catch (error) {
          if (jobs.length > 1) process.stderr.write(`${job.name}: `)
          return reportError(error, job.text)
        }
      }
    }
    return exitCodes.ok
  } finally {
    process.removeListener('SIGINT', onInterrupt)
  }
}

/** Where the rows of a job go; null is the terminal. */
function targetOf(job: Job, isFolder: boolean, { output, format }: Settings): string | null {
  if (output === undefined) return null
  if (!isFolder) return output
  mkdirSync(output, { recursive: true })
  return join(output, `${basename(job.name).replace(/\.[^.]*$/, '')}${extensionOf(format)}`)
}

/** Runs the statements of a text; the rows of each go to the target, those of a file to its last statement's. */
async function runJob(
  session: Session,
  job: Job,
  run: number,
  target: string | null,
  settings: Settings,
  signal: AbortSignal,
): Promise<void> {
  const statements = splitStatements(job.text)
  const progress = new Progress()
  let seconds = 0
  let rows = 0
  for (const [index, statement] of statements.entries()) {
    const isLast = index === statements.length - 1
    const sink: RowSink =
      target !== null && !isLast ? discard : outputSink(settings.format, target, session.timeZone)
    const done = await runStatement(session, statement, sink, { signal, progress })
    seconds += done.seconds
    if (isLast) rows = done.rowCount
  }
  if (settings.timing !== undefined)
    appendFileSync(settings.timing, `${JSON.stringify({ file: job.name, run, seconds, rows })}\n`)
}

const discard: RowSink = { begin: () => {}, batch: () => {}, end: () => {} }

