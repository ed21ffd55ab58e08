import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Engine, EngineConfig, EngineProgram, EngineReply, EngineRequest } from './engine-process.ts'
import { peakBytesOf } from './process-memory.ts'

/** A process that is given all it has to do at once, and what its output means. */
interface Whole {
  readonly command: string
  readonly args: readonly string[]
  readonly input: string
  readonly replies: (output: string) => readonly EngineReply[]
}

const MAIN = fileURLToPath(new URL('../../cli/main.js', import.meta.url))
const SAMPLE_MS = 10

/**
 * An engine whose every request is a process of its own, timed from its start to its end. The request
 * `{ op: 'all', statements: [{ name, sql }] }` runs SQL statements one after the other.
 */
export class WholeProcess implements Engine {
  readonly name: string
  version = ''
  readonly #whole: (request: EngineRequest) => Whole
  #peakBytes = 0

  private constructor(name: string, whole: (request: EngineRequest) => Whole) {
    this.name = name
    this.#whole = whole
  }

  /** The command line, as a user has it. */
  static millrace(config: EngineConfig, version: string): WholeProcess {
    const engine = new WholeProcess('millrace', (request) => millraceProcess(request, config))
    engine.version = version
    return engine
  }

  /** A peer's program, which reads its requests and ends. */
  static peer(program: EngineProgram, config: EngineConfig): WholeProcess {
    const engine = new WholeProcess(program.name, (request) => ({
      command: program.command,
      args: [...program.args, JSON.stringify(config)],
      input: statementsOf(request)
        .map((statement) => `${JSON.stringify({ op: 'query', ...statement })}\n`)
        .join(''),
      replies: (output) => {
        const [hello, ...replies] = jsonLines(output)
        engine.version = (hello as { readonly version: string }).version
        return replies as EngineReply[]
      },
    }))
    return engine
  }

  async request(request: EngineRequest, timeoutMs: number): Promise<EngineReply> {
    const { command, args, input, replies } = this.#whole(request)
    const start = performance.now()
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] })
    const timers = [
      setTimeout(() => child.kill('SIGKILL'), timeoutMs),
      setInterval(() => {
        this.#peakBytes = Math.max(this.#peakBytes, peakBytesOf(child.pid!))
      }, SAMPLE_MS),
    ]
    let output = ''
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
    child.stdin.on('error', () => {}) // A process that has ended is seen at its output.
    child.stdin.end(input)
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', resolve)
    })
    const seconds = (performance.now() - start) / 1000
    for (const timer of timers) clearTimeout(timer)
    if (code !== 0) throw new Error(`${this.name} ended with code ${code}\n${said.slice(-4000)}`)
    return { seconds, ...joined(statementsOf(request), replies(output)) }
  }

  resetPeak(): void {
    this.#peakBytes = 0
  }

  peakBytes(): number {
    return this.#peakBytes
  }

  stop(): Promise<void> {
    return Promise.resolve()
  }
}

interface Statement {
  readonly name: string
  readonly sql: string
}

function statementsOf(request: EngineRequest): readonly Statement[] {
  return request['statements'] as readonly Statement[] // The suites make them so.
}

/** A single statement stands on the command line; several go through the protocol for programs. */
function millraceProcess(request: EngineRequest, { threads, memory, tables }: EngineConfig): Whole {
  const statements = statementsOf(request)
  const limit = memory === undefined ? [] : ['--memory', memory]
  const files = Object.entries(tables).flatMap(([name, path]) => ['-t', `${name}=${path}`])
  const common = ['sql', '--master', `local[${threads}]`, '--time-zone', 'UTC', ...limit, ...files]
  const command = process.execPath
  if (statements.length === 1) {
    const args = [MAIN, ...common, '--format', 'json', statements[0]!.sql]
    const replies = (output: string): EngineReply[] => {
      const rows = jsonLines(output).map((row) => Object.values(row as object).map(text))
      return [{ seconds: 0, count: rows.length, rows }]
    }
    return { command, args, input: '', replies }
  }
  return {
    command,
    args: [MAIN, ...common, '--protocol', 'jsonl'],
    input: statements.map(({ sql }) => `${sql};\n`).join(''),
    replies: (output) =>
      jsonLines(output).map((line) => {
        const { ok, message, rows } = line as {
          readonly ok: boolean
          readonly message?: string
          readonly rows: unknown[][]
        }
        if (!ok) throw new Error(message)
        return { seconds: 0, count: rows.length, rows: rows.map((row) => row.map(text)) }
      }),
  }
}

function text(value: unknown): string | null {
  return value === null ? null : String(value)
}

function jsonLines(output: string): unknown[] {
  const lines = output.split('\n').filter((line) => line.startsWith('{'))
  return lines.map((line) => JSON.parse(line) as unknown)
}

/** The rows of all answers, each behind the name of its statement. */
function joined(
  statements: readonly Statement[],
  replies: readonly EngineReply[],
): Pick<EngineReply, 'count' | 'rows'> {
  const rows = statements.flatMap(({ name }, index) => {
    const reply = replies[index] as (EngineReply & { readonly error?: string }) | undefined
    if (reply?.rows === undefined) throw new Error(`${name}: ${reply?.error ?? 'no answer'}`)
    return reply.rows.map((row) => [name, ...row])
  })
  return { count: rows.length, rows }
}
