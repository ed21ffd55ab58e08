import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { EngineError } from '../../../engine/errors.ts'

/** What a program is run with. */
export interface ProgramStart {
  readonly bundle: string
  readonly args: readonly string[]
  /** Where its standard outputs go; what is there is kept. */
  readonly output: string
  readonly folder: string
  /** Besides what every program has. */
  readonly env: Readonly<Record<string, string>>
}

/** Of the driver's own environment a program sees these, and none of its secrets. */
const INHERITED = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'USER']

/** Ends the program when its driver is gone; the channel does not keep it alive. */
const GUARD = `data:text/javascript,${encodeURIComponent(
  'process.on("disconnect", () => process.exit(1)); process.channel?.unref()',
)}`

/** Starts the process of a program. */
export function startProgram({ bundle, args, output, folder, env }: ProgramStart): ChildProcess {
  const inherited = INHERITED.flatMap((name) => {
    const value = process.env[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  const file = openSync(output, 'a', 0o600)
  try {
    const flags = ['--enable-source-maps', '--import', GUARD, '--import', reporter()]
    return spawn(process.execPath, [...flags, bundle, ...args], {
      cwd: folder,
      env: { ...Object.fromEntries(inherited), ...env },
      stdio: ['ignore', file, file, 'ipc'],
    })
  } finally {
    closeSync(file)
  }
}

/** Says what a program did not catch as the commands say it. */
function reporter(): string {
  const places = ['../../../bundle/report-uncaught.js', '../../../dist/bundle/report-uncaught.js']
  const found = places.map((place) => new URL(place, import.meta.url)).find((url) => existsSync(url))
  if (found === undefined) throw new EngineError('INTERNAL_ERROR', 'the package is not built')
  return found.href
}

/** Ends the process of a start of before, if it still runs: its driver was killed, and it may hang. */
export function killLeftover(pid: number, bundle: string): void {
  if (pid === 0 || !commandLine(pid).includes(bundle)) return
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Empty if there is no such process, or the system does not tell. */
function commandLine(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  } catch {
    return []
  }
}
