import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import type { Session } from '../driver/session.ts'
import { isComplete, splitStatements } from '../sql/parser/index.ts'
import { exitCodes } from './arguments.ts'
import { completer } from './completion.ts'
import { outputSink } from './output.ts'
import { Progress } from './progress.ts'
import { reportError } from './report-error.ts'
import { runStatement } from './run-statement.ts'

const HISTORY_LINES = 1000
const PROMPT = 'millrace> '
const MORE_PROMPT = '       -> '

/** The interactive shell: statements over several lines up to `;`, history, completion with Tab. Ends at `exit` or Ctrl-D. */
export async function runShell(session: Session): Promise<number> {
  const isTerminal = process.stdin.isTTY === true
  const historyFile = join(process.env['MILLRACE_HISTORY_DIR'] ?? homedir(), '.millrace_history')
  if (isTerminal) process.stdout.write('Millrace SQL. End a statement with ";". help shows more, exit leaves.\n')
  const lines = createInterface({
    input: process.stdin,
    output: process.stdout,
    terminal: isTerminal,
    history: isTerminal ? readHistory(historyFile) : [],
    historySize: HISTORY_LINES,
    completer: (line: string, done: (error: null, result: [string[], string]) => void) => {
      void completer(session, line).then((result) => done(null, result))
    },
    prompt: isTerminal ? PROMPT : '',
  })
  if (isTerminal) lines.on('history', (history: string[]) => writeHistory(historyFile, history))
  try {
    return await new Shell(session, lines, isTerminal).run()
  } finally {
    lines.close()
  }
}

/** One run of the shell: the text typed so far, and the query that runs. */
class Shell {
  readonly #session: Session
  readonly #lines: Interface
  readonly #isTerminal: boolean
  #pending = ''
  #running: AbortController | null = null
  #exitCode: number = exitCodes.ok

  constructor(session: Session, lines: Interface, isTerminal: boolean) {
    this.#session = session
    this.#lines = lines
    this.#isTerminal = isTerminal
  }

  async run(): Promise<number> {
    this.#lines.on('SIGINT', () => this.#interrupt())
    this.#lines.prompt()
    for await (const line of this.#lines) {
      const word = line.trim().replace(/;$/, '').toLowerCase()
      if (this.#pending === '' && (word === 'exit' || word === 'quit')) return this.#exitCode
      if (this.#pending === '' && word === 'help') process.stdout.write(HELP)
      else await this.#take(line)
      this.#prompt()
    }
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

  async #runAll(text: string): Promise<void> {
    for (const statement of splitStatements(text)) {
      this.#running = new AbortController()
      try {
        const { signal } = this.#running
        const sink = outputSink('table', null, this.#session.timeZone)
        const { seconds } = await runStatement(this.#session, statement, sink, { signal, progress: new Progress() })
        if (this.#isTerminal) process.stdout.write(`(${seconds.toFixed(3)} s)\n`)
      } catch (error) {
        const code = reportError(error, text)
        if (!this.#isTerminal) this.#exitCode = code
      } finally {
        this.#running = null
      }
    }
  }

  /** Ctrl-C stops the query that runs, or forgets what was typed. */
  #interrupt(): void {
    if (this.#running !== null) {
      this.#running.abort()
      return
    }
    process.stdout.write('\n')
    this.#pending = ''
    this.#prompt()
  }

  #prompt(): void {
    if (!this.#isTerminal) return
    this.#lines.setPrompt(this.#pending === '' ? PROMPT : MORE_PROMPT)
    this.#lines.prompt()
  }
}

const HELP = `Statements end with ";" and may go over several lines. Ctrl-C stops a query, Ctrl-D or exit leaves.
  SHOW TABLES;                              what there is
  DESCRIBE t;                               the columns of a table
  SELECT * FROM parquet.\`/data/x\`;          a file or folder as a table (also csv, json, text)
  CREATE TEMP VIEW v USING csv OPTIONS (path 'x.csv', header 'true', inferSchema 'true');
  EXPLAIN SELECT …;                         how a query would run
  SET TIME ZONE 'Europe/Berlin';            the session's time zone
`

function readHistory(file: string): string[] {
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8').split('\n').filter((line) => line !== '').reverse()
}

function writeHistory(file: string, history: readonly string[]): void {
  try {
    writeFileSync(file, `${[...history].slice(0, HISTORY_LINES).reverse().join('\n')}\n`, { mode: 0o600 })
  } catch {
    // A home folder that cannot be written to is no reason to stop the shell.
  }
}
