import { homedir } from 'node:os'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import type { Session } from '../driver/session.ts'
import { isComplete, splitStatements } from '../sql/parser/index.ts'
import { exitCodes } from './arguments.ts'
import { Completer } from './completion.ts'
import { openLineEditor } from './line-editor.ts'
import { type OutputFormat, outputSink } from './output.ts'
import { Progress } from './progress.ts'
import { reportError } from './report-error.ts'
import { runStatement, type StatementRun } from './run-statement.ts'
import { HISTORY_SIZE, readHistory, writeHistory } from './shell-history.ts'

const PROMPT = 'millrace> '

/**
 * The interactive shell: statements over several lines up to `;`, history, completion with Tab. Ends at
 * `exit` or Ctrl-D. Without a terminal it runs what comes from standard input, and its exit code is that of
 * the last error.
 */
export async function runShell(session: Session, format: OutputFormat): Promise<number> {
  const isTerminal = process.stdin.isTTY === true && process.stdout.isTTY === true
  const completer = new Completer(session)
  const lines = isTerminal
    ? openEditor(completer)
    : createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })
  if (isTerminal) {
    void session.warmUp()
    process.stdout.write('Millrace SQL. A statement ends with ";". help shows more, exit leaves.\n')
  }
  try {
    return await new Shell(session, lines, completer, isTerminal, format).run()
  } finally {
    lines.close()
  }
}

function openEditor(completer: Completer): Interface {
  const historyFile = join(process.env['MILLRACE_HISTORY_DIR'] ?? homedir(), '.millrace_history')
  const lines = openLineEditor({
    prompt: PROMPT,
    history: readHistory(historyFile),
    historySize: HISTORY_SIZE,
    isWhole: (text) => text.trim() === '' || commandOf(text) !== null || isComplete(text),
    complete: (before, text) => completer.complete(before, text),
  })
  lines.on('history', (history: string[]) => writeHistory(historyFile, history))
  return lines
}

function commandOf(text: string): 'exit' | 'help' | 'clear' | null {
  const word = text.trim().replace(/;$/, '').trimEnd().toLowerCase()
  if (word === 'exit' || word === 'quit') return 'exit'
  return word === 'help' || word === 'clear' ? word : null
}

/** One run of the shell: the text read so far, and the query that runs. */
class Shell {
  readonly #session: Session
  readonly #lines: Interface
  readonly #completer: Completer
  readonly #isTerminal: boolean
  readonly #format: OutputFormat
  #pending = ''
  #running: AbortController | null = null
  #exitCode: number = exitCodes.ok

  constructor(
    session: Session,
    lines: Interface,
    completer: Completer,
    isTerminal: boolean,
    format: OutputFormat,
  ) {
    this.#session = session
    this.#lines = lines
    this.#completer = completer
    this.#isTerminal = isTerminal
    this.#format = format
  }

  async run(): Promise<number> {
    if (this.#isTerminal) this.#lines.on('SIGINT', () => this.#interrupt())
    this.#prompt()
    for await (const line of this.#lines) {
      const command = this.#pending === '' ? commandOf(line) : null
      if (command === 'exit') return this.#exitCode
      if (command === 'help') process.stdout.write(HELP)
      else if (command === 'clear') process.stdout.write('\x1b[2J\x1b[H')
      else await this.#take(line)
      this.#prompt()
    }
    if (this.#isTerminal) process.stdout.write('\n')
    await this.#runAll(this.#pending)
    return this.#exitCode
  }

  async #take(line: string): Promise<void> {
    this.#pending += this.#pending === '' ? line : `\n${line}`
    if (this.#pending.trim() === '') this.#pending = ''
    if (!isComplete(this.#pending)) return
    const text = this.#pending
    this.#pending = ''
    await this.#runAll(text)
  }

  /** Statements of one text, up to the first that fails. */
  async #runAll(text: string): Promise<void> {
    for (const statement of splitStatements(text)) {
      this.#running = new AbortController()
      try {
        const { signal } = this.#running
        const sink = outputSink(this.#format, null, this.#session)
        this.#tellTime(
          await runStatement(this.#session, statement, sink, { signal, progress: new Progress() }),
        )
      } catch (error) {
        this.#exitCode = reportError(error, text)
        if (this.#isTerminal) this.#exitCode = exitCodes.ok
        return
      } finally {
        this.#running = null
        this.#completer.forget()
      }
    }
  }

  #tellTime({ seconds, writtenRows }: StatementRun): void {
    if (!this.#isTerminal) return
    const written =
      writtenRows === undefined ? '' : `${writtenRows} ${writtenRows === 1 ? 'row' : 'rows'} written, `
    process.stdout.write(`\x1b[2m${written}${seconds.toFixed(3)} s\x1b[0m\n`)
  }

  /** Ctrl-C stops the query that runs, or takes away what was typed. */
  #interrupt(): void {
    if (this.#running !== null) {
      this.#running.abort()
      return
    }
    this.#lines.write(null, { ctrl: true, name: 'e' })
    this.#lines.write(null, { ctrl: true, name: 'u' })
  }

  #prompt(): void {
    if (this.#isTerminal) this.#lines.prompt(true)
  }
}

const HELP = `Statements end with ";" and may go over several lines. Up and Down move in them and through
the history, Tab completes, Ctrl-C stops a query or takes away what was typed, Ctrl-D or exit leaves.
  SHOW TABLES;                              what there is
  DESCRIBE t;                               the columns of a table
  SELECT * FROM parquet.\`/data/x\`;          a file or folder as a table (also csv, json, text)
  CREATE TEMP VIEW v USING csv OPTIONS (path 'x.csv', header 'true', inferSchema 'true');
  EXPLAIN SELECT …;                         how a query would run; EXPLAIN ANALYZE runs it and measures
  SHOW FUNCTIONS;                           what may be called; DESCRIBE FUNCTION f tells more
  SET TIME ZONE 'Europe/Berlin';            the session's time zone
`
