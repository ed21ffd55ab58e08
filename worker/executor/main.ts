import { createInterface } from 'node:readline'
import { type ExecutorConfig, parseExecutorConfig } from './config.ts'
import { Executor } from './executor.ts'

/** How long an executor may take to stop what it runs before it ends anyway. */
const STOP_MS = 5000

/** The driver is gone, or cannot be had. */
const EXIT_UNREACHABLE = 3

/**
 * The program of an executor: its configuration comes as the first line of standard input, which stays open
 * as long as its supervisor lives.
 */
async function main(): Promise<void> {
  const lines = createInterface({ input: process.stdin })
  const first = await new Promise<string | null>((resolve) => {
    lines.once('line', resolve)
    lines.once('close', () => resolve(null))
  })
  if (first === null) return
  let config: ExecutorConfig
  try {
    config = parseExecutorConfig(first)
  } catch (error) {
    end(1, error instanceof Error ? error.message : String(error))
    return
  }
  let executor: Executor | null = null
  let isEnding = false
  const stop = (code: number, reason: string): void => {
    if (isEnding) return
    isEnding = true
    setTimeout(() => end(code, reason), STOP_MS).unref()
    void (executor?.close() ?? Promise.resolve()).finally(() => end(code, reason))
  }
  lines.once('close', () => stop(0, 'the supervisor is gone'))
  process.once('SIGTERM', () => stop(0, 'SIGTERM'))
  // Ctrl-C at the terminal of the supervisor is for the supervisor.
  process.on('SIGINT', () => {})
  try {
    executor = await Executor.start(config, (reason) => stop(0, reason))
  } catch (error) {
    stop(EXIT_UNREACHABLE, error instanceof Error ? error.message : String(error))
  }
}

function end(code: number, reason: string): void {
  process.stderr.write(`executor: ${reason}\n`)
  process.exit(code)
}

void main()
