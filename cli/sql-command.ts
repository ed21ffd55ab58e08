import { readFileSync } from 'node:fs'
import type { Session } from '../driver/session.ts'
import { EngineError, nearestNames } from '../engine/errors.ts'
import {
  type Arguments,
  type Command,
  clusterFlags,
  executorFlags,
  exitCodes,
  sessionFlags,
} from './arguments.ts'
import { openSession } from './open-session.ts'
import { formatOfEnding, isBinary, isOutputFormat, outputFormats } from './output.ts'
import { reportError } from './report-error.ts'
import { type Job, type JobSettings, runJobs } from './run-jobs.ts'

/** `millrace sql`: runs queries and prints or writes their rows; without a query, an interactive shell. */
export const sqlCommand: Command = {
  name: 'sql',
  summary: 'run SQL, from the command line, from files or in a shell',
  usage: '[QUERY] [-f FILE]… [-t NAME=PATH]… [flags]',
  flags: [
    {
      name: 'file',
      short: 'f',
      value: 'FILE',
      multiple: true,
      usage: 'run the statements of a file (- is standard input); may be repeated',
    },
    {
      name: 'table',
      short: 't',
      value: 'NAME=PATH',
      multiple: true,
      usage:
        'a file, folder or glob as a table; the ending tells the format; options: PATH?sep=;&header=false',
    },
    {
      name: 'format',
      value: 'FORMAT',
      usage: `how to write rows: ${outputFormats.join(', ')} (default: table, or what -o ends in)`,
    },
    { name: 'output', short: 'o', value: 'PATH', usage: 'file to write to; with several -f a folder' },
    { name: 'repeat', value: 'N', usage: 'run each file or query N times' },
    { name: 'timing', value: 'FILE', usage: 'write one JSON line a run into FILE: file, run, seconds, rows' },
    {
      name: 'protocol',
      value: 'jsonl',
      usage: 'statements from standard input, one JSON line each on standard output',
    },
    ...sessionFlags,
    ...clusterFlags,
    ...executorFlags,
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

async function run(args: Arguments): Promise<number> {
  let session: Session
  let tables: readonly (readonly [name: string, path: string])[]
  let jobs: readonly Job[]
  let settings: ReturnType<typeof readSettings>
  try {
    settings = readSettings(args)
    tables = args.all('table').map(readTable)
    jobs = readJobs(args)
    session = openSession(args)
  } catch (error) {
    reportError(error)
    return exitCodes.usage
  }
  try {
    for (const [name, path] of tables) await session.registerPath(name, path)
    if (settings.protocol) {
      await session.warmUp()
      const { serveJsonLines } = await import('./jsonl-protocol.ts')
      await serveJsonLines(session, process.stdin)
      return exitCodes.ok
    }
    if (jobs.length === 0) {
      const { runShell } = await import('./sql-shell.ts')
      return await runShell(session, settings.format)
    }
    return await runJobs(session, jobs, settings)
  } catch (error) {
    return reportError(error)
  } finally {
    await session.stop()
  }
}

function readSettings(args: Arguments): JobSettings & { readonly protocol: boolean } {
  const output = args.one('output')
  const format = args.one('format') ?? (output === undefined ? 'table' : (formatOfEnding(output) ?? 'csv'))
  if (!isOutputFormat(format)) throw unknownFormat(format)
  if (isBinary(format) && output === undefined && process.stdout.isTTY === true)
    throw new EngineError('CONFIG_INVALID', `format "${format}" is not for a terminal`, {
      hint: 'Name a file with -o, or send the output into one.',
    })
  const repeat = Number(args.one('repeat') ?? 1)
  if (!Number.isInteger(repeat) || repeat < 1)
    throw new EngineError(
      'CONFIG_INVALID',
      `--repeat takes a whole number from 1, not "${args.one('repeat')}"`,
    )
  const protocol = args.one('protocol')
  if (protocol !== undefined && protocol !== 'jsonl')
    throw new EngineError('CONFIG_INVALID', `protocol "${protocol}" does not exist`, {
      hint: 'There is: jsonl.',
    })
  return { format, output, repeat, timing: args.one('timing'), protocol: protocol === 'jsonl' }
}

function unknownFormat(format: string): EngineError {
  const near = nearestNames(format, outputFormats)[0]
  return new EngineError('CONFIG_INVALID', `format "${format}" does not exist`, {
    hint: `${near === undefined ? '' : `Did you mean "${near}"? `}There are: ${outputFormats.join(', ')}.`,
  })
}

function readJobs(args: Arguments): readonly Job[] {
  const jobs = args.all('file').map((path): Job => {
    try {
      return { name: path, text: readFileSync(path === '-' ? 0 : path, 'utf8') }
    } catch (cause) {
      throw new EngineError('FILE_NOT_FOUND', `cannot read "${path}"`, { cause })
    }
  })
  const query = args.positionals.join(' ')
  return query.trim() === '' ? jobs : [...jobs, { name: 'query', text: query }]
}

function readTable(definition: string): readonly [name: string, path: string] {
  const equals = definition.indexOf('=')
  if (equals <= 0 || equals === definition.length - 1)
    throw new EngineError('CONFIG_INVALID', `--table takes NAME=PATH, not "${definition}"`, {
      hint: 'For example: -t sales=data/sales.parquet',
    })
  return [definition.slice(0, equals), definition.slice(equals + 1)]
}
