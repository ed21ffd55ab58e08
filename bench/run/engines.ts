import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { EngineProgram } from './engine-process.ts'

/** Engines that a run may be compared with. */
export const peerNames = ['duckdb', 'polars', 'datafusion', 'spark'] as const

/** Where generated data and the peers' Python environment lie; MILLRACE_BENCH_CACHE moves it. */
export function cacheFolder(...parts: readonly string[]): string {
  const root = process.env['MILLRACE_BENCH_CACHE'] ?? join(homedir(), '.cache', 'millrace-bench')
  return join(root, ...parts)
}

/** The folder of the Python environment that `setup` makes. */
export function environmentFolder(): string {
  return process.env['MILLRACE_BENCH_VENV'] ?? cacheFolder('venv')
}

/** A program of the environment, or null when `setup` has not run. */
export function environmentProgram(name: string): string | null {
  const path = join(environmentFolder(), 'bin', name)
  return existsSync(path) ? path : null
}

/** Millrace in a process of its own, which may sample itself into a folder. */
export function millraceProgram(profile: string | null): EngineProgram {
  const host = fileURLToPath(new URL('./millrace-host.js', import.meta.url))
  return {
    name: 'millrace',
    command: process.execPath,
    args: [host],
    env: profile === null ? {} : { MILLRACE_PROFILE: profile },
  }
}

/** A peer in a Python process. */
export function peerProgram(name: string): EngineProgram {
  const python = environmentProgram('python')
  if (python === null) throw new Error('peers are not installed: npm run bench -- setup')
  // The scripts are not compiled, so they stay beside the sources.
  return { name, command: python, args: [benchFile('peers', `run-${name}.py`)] }
}

/** A file of the bench folder in the sources, be this module compiled (in `dist`) or not (in a test). */
export function benchFile(...parts: readonly string[]): string {
  let root = import.meta.dirname
  while (!existsSync(join(root, 'package.json'))) root = dirname(root)
  return join(root, 'bench', ...parts)
}
