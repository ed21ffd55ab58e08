import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'

/** The built command. */
export const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

/** What a run of the command gave. */
export interface Run {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly input?: string
  readonly env?: Readonly<Record<string, string>>
  /** Interrupts the command this long after its start. */
  readonly interruptAfterMs?: number
}

/** A folder of the test file's own, removed at its end. */
export function testFolder(): { readonly path: string; write(name: string, text: string): string } {
  const path = mkdtempSync(join(tmpdir(), 'millrace-cli-'))
  afterAll(() => rmSync(path, { recursive: true, force: true }))
  return {
    path,
    write(name, text) {
      writeFileSync(join(path, name), text)
      return join(path, name)
    },
  }
}

/** Runs `millrace ARGS` in a folder. */
export async function millrace(cwd: string, args: readonly string[], options: RunOptions = {}): Promise<Run> {
  const env = { ...process.env, TZ: 'UTC', ...options.env }
  const child = spawn(process.execPath, [MAIN, ...args], { cwd, env })
  const output = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text))
  child.stdin.end(options.input ?? '')
  if (options.interruptAfterMs !== undefined) setTimeout(() => child.kill('SIGINT'), options.interruptAfterMs)
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { code, ...output }
}
