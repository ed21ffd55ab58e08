import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** What DuckDB answers to a query: rows as text, NULL as null. */
export interface PeerAnswer {
  readonly seconds: number
  readonly rows: readonly (readonly (string | null)[])[]
}

/** A DuckDB in a Python process, over the Parquet files of a folder. */
export class DuckDbPeer {
  readonly version: string
  readonly #process: ChildProcess
  readonly #lines: AsyncIterator<string>

  private constructor(process: ChildProcess, lines: AsyncIterator<string>, version: string) {
    this.#process = process
    this.#lines = lines
    this.version = version
  }

  /** `python` is an interpreter that has the package `duckdb`. */
  static async start(python: string, threads: number, folder: string): Promise<DuckDbPeer> {
    // The script is not compiled, so it stays beside the sources.
    const script = fileURLToPath(new URL('../../bench/duckdb-times.py', import.meta.url))
    const child = spawn(python, [script, String(threads), folder], { stdio: ['pipe', 'pipe', 'inherit'] })
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const { version } = JSON.parse(await nextLine(lines)) as { readonly version: string }
    return new DuckDbPeer(child, lines, version)
  }

  async run(sql: string): Promise<PeerAnswer> {
    this.#process.stdin!.write(`${JSON.stringify(sql)}\n`)
    return JSON.parse(await nextLine(this.#lines)) as PeerAnswer
  }

  stop(): void {
    this.#process.stdin!.end()
  }
}

async function nextLine(lines: AsyncIterator<string>): Promise<string> {
  const { value, done } = await lines.next()
  if (done === true) throw new Error('DuckDB ended; its message is above')
  return value
}
