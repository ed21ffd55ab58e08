import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { benchFile, cacheFolder, environmentProgram } from '../run/engines.ts'

/** A folder of the cache; `make` fills it when it is not there. Half-made ones do not stay. */
export function cachedFolder(parts: readonly string[], make: (folder: string) => void): string {
  const folder = cacheFolder(...parts)
  if (existsSync(folder)) return folder
  const unfinished = `${folder}.part`
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished, { recursive: true })
  process.stderr.write(`making ${folder}\n`)
  try {
    make(unfinished)
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true })
    throw error
  }
  renameSync(unfinished, folder)
  return folder
}

/** Runs a program of the Python environment to its end. */
export function runEnvironmentProgram(name: string, args: readonly string[]): void {
  const program = environmentProgram(name)
  if (program === null) throw new Error(`${name} is not installed: npm run bench -- setup`)
  const { status } = spawnSync(program, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  if (status !== 0) throw new Error(`${name} failed`)
}

/** Runs a Python script of bench/data. */
export function runDataScript(script: string, args: readonly string[]): void {
  runEnvironmentProgram('python', [benchFile('data', script), ...args])
}
