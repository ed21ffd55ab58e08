import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ClusterObserver, EventLog, Launcher } from '../driver/cluster/index.ts'
import { type RunningDriver, startDriver } from '../driver/cluster/rpc/index.ts'
import type { SchedulerSettings } from '../driver/scheduler/index.ts'
import { EngineError } from '../engine/errors.ts'
import { newToken } from '../proto/grpc/index.ts'
import { type Arguments, exitCodes } from './arguments.ts'
import {
  type ClusterSecrets,
  readSecrets,
  readStandardInput,
  type StandardInput,
  serverTls,
  untilSignal,
} from './cluster-access.ts'
import { logForm, logRecords } from './cluster-log.ts'
import { DriverPage } from './driver-page.ts'
import { parsePools } from './pool-list.ts'
import { type Options, readOptions } from './read-options.ts'
import { reportError } from './report-error.ts'

/** Runs a driver until it is asked to end; gives the exit code. */
export async function runDriver(args: Arguments): Promise<number> {
  let input: StandardInput | null = null
  try {
    const options = readOptions('driver', args)
    input = await readStandardInput(args)
    const { firstLine, ended } = input
    return await serve(options, readSecrets(options, firstLine), Promise.race([ended, untilSignal()]))
  } catch (error) {
    reportError(error)
    return error instanceof EngineError && error.code === 'CONFIG_INVALID'
      ? exitCodes.usage
      : exitCodes.failed
  } finally {
    input?.close()
  }
}

/** Serves until `asked` resolves. What was opened is closed in the reverse order. */
async function serve(options: Options, secrets: ClusterSecrets, asked: Promise<void>): Promise<number> {
  const closers: (() => Promise<void> | void)[] = []
  const observers: ClusterObserver[] = [logRecords(logForm(options.text('log')))]
  try {
    const eventLog = options.text('event-log')
    if (eventLog !== null) {
      const log = new EventLog({ folder: eventLog, onError: reportError })
      observers.push(log.observe)
      closers.push(() => log.close())
    }
    const page = options.text('ui') === null ? null : new DriverPage()
    if (page !== null) observers.push((record) => page.observe(record))
    let launcher: Launcher | null = null
    const tls = serverTls(secrets)
    // Workers that it starts itself show a token, also where others show certificates.
    const ownToken = options.range('workers') !== null && tls !== null ? newToken() : null
    const token = secrets.token ?? ownToken
    const driver = await startDriver({
      listen: options.text('listen')!,
      token,
      tls,
      loop: { heartbeatMs: options.number('heartbeat')!, silenceMs: options.number('worker-timeout')! },
      scheduler: schedulerSettings(options),
      observers,
      onWarning: reportError,
      stateFolder: options.text('state-dir'),
      programEnv: options.text('tls-ca') === null ? {} : { MILLRACE_TLS_CA: options.text('tls-ca')! },
      onWantWorkers: (count) => launcher?.want(count),
    })
    closers.push(() => driver.close())
    if (page !== null) {
      const url = await page.serve(options.text('ui')!, secrets, driver)
      closers.push(() => page.close())
      process.stdout.write(`millrace driver shows its page at ${url}\n`)
    }
    launcher = startLauncher(options, driver, token ?? newToken(), closers)
    process.stdout.write(`millrace driver listens on ${driver.address}\n`)
    const broken = await Promise.race([driver.broken, asked])
    if (broken !== undefined) throw broken
    return exitCodes.ok
  } finally {
    for (const close of closers.reverse()) await close()
  }
}

function schedulerSettings(options: Options): Partial<SchedulerSettings> {
  const workers = options.range('workers')
  return {
    mode: options.text('scheduler-mode') === 'fair' ? 'fair' : 'fifo',
    pools: parsePools(options.text('pools')),
    executorIdleMs: options.number('executor-idle')!,
    allocation:
      workers === null
        ? null
        : {
            minWorkers: workers.min,
            maxWorkers: workers.max,
            slotsPerWorker: options.number('worker-threads')!,
            idleMs: options.number('worker-idle')!,
          },
  }
}

/**
 * Null unless the driver is to start workers. Their folders lie below a new one, which goes with the driver.
 */
function startLauncher(
  options: Options,
  { address, loop }: RunningDriver,
  token: string,
  closers: (() => Promise<void> | void)[],
): Launcher | null {
  const workers = options.range('workers')
  if (workers === null) return null
  const folder = mkdtempSync(join(tmpdir(), 'millrace-workers-'))
  const size = ['--threads', options.text('worker-threads')!, '--memory', options.text('worker-memory')!]
  const authority = options.text('tls-ca')
  const flags = [...size, ...(authority === null ? [] : ['--tls-ca', authority]), '--token-stdin']
  const program = fileURLToPath(new URL('./main.js', import.meta.url))
  const launcher = new Launcher({
    ...workers,
    token,
    folder,
    command: (localDir) => {
      const place = ['--driver', address, '--local-dir', localDir]
      return [process.execPath, program, 'worker', ...place, ...flags]
    },
    decommission: (workerId) => loop.decommission(workerId),
    isIdle: (workerId) => {
      for (const executor of loop.executors.all())
        if (executor.workerId === workerId && executor.attempts.size > 0) return false
      return true
    },
    onOutput: (line) => process.stderr.write(`${line}\n`),
  })
  closers.push(async () => {
    await launcher.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return launcher
}
