import { createSocket } from 'node:dgram'
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, hostname, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { EngineError } from '../engine/errors.ts'
import { type Address, isLoopback, parseAddress } from '../proto/grpc/index.ts'
import { type RunningWorker, startWorker, type WorkerConfig } from '../worker/supervisor/index.ts'
import { type Arguments, exitCodes } from './arguments.ts'
import {
  type ClusterSecrets,
  clientSecurity,
  driverAddress,
  readSecrets,
  readStandardInput,
  type StandardInput,
  untilSignal,
} from './cluster-access.ts'
import { logForm, processLog } from './cluster-log.ts'
import { type Options, readOptions } from './read-options.ts'
import { reportError } from './report-error.ts'

/** Runs a worker until it is asked to end, or its driver has sent it away; gives the exit code. */
export async function runWorker(args: Arguments): Promise<number> {
  let folder: string | null = null
  let input: StandardInput | null = null
  try {
    const options = readOptions('worker', args)
    input = await readStandardInput(args)
    const { firstLine, ended } = input
    const localDir = options.text('local-dir')
    if (localDir === null) folder = mkdtempSync(join(tmpdir(), 'millrace-worker-'))
    const config = await workerConfig(options, readSecrets(options, firstLine), localDir ?? folder!)
    const worker = await startWorker(config)
    try {
      process.stdout.write(`millrace worker ${worker.workerId} serves blocks on ${worker.blockAddress}\n`)
      await untilOver(worker, ended, options.number('leave-timeout')!)
    } finally {
      await worker.stop()
    }
    return exitCodes.ok
  } catch (error) {
    reportError(error)
    return error instanceof EngineError && error.code === 'CONFIG_INVALID'
      ? exitCodes.usage
      : exitCodes.failed
  } finally {
    input?.close()
    if (folder !== null) rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * Whoever started it and is gone needs it no more; who asks it to end may wait for its outputs. Throws why
 * the driver refuses it.
 */
async function untilOver(worker: RunningWorker, ended: Promise<void>, leaveMs: number): Promise<void> {
  const asked = untilSignal().then(() => 'asked' as const)
  const refused = worker.refused.then((error) => Promise.reject(error))
  const first = await Promise.race([asked, ended, worker.drained, refused])
  if (first === 'asked') await Promise.race([worker.leave(leaveMs), untilSignal(), ended])
}

async function workerConfig(
  options: Options,
  secrets: ClusterSecrets,
  localDir: string,
): Promise<WorkerConfig> {
  const driver = driverAddress(options)
  const { certificate, key, ca } = secrets
  return {
    driver,
    security: clientSecurity(secrets),
    slots: options.number('threads') ?? availableParallelism(),
    memoryBytes: options.number('memory') ?? Math.floor(totalmem() / 2),
    localDir,
    listenHost: options.text('host') ?? (await ownAddress(parseAddress(driver))),
    tls: certificate === null || key === null ? null : { certificate, key, clientCa: ca },
    host: hostname(),
    log: processLog(logForm(options.text('log'))),
  }
}

/** The address of this host from which packets go to the driver. None is sent to find out. */
async function ownAddress({ host, port }: Address): Promise<string> {
  if (isLoopback(host)) return host
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.connect(port, host, resolve)
    })
    return socket.address().address
  } catch (cause) {
    throw new EngineError('CONFIG_INVALID', `there is no way from this host to the driver at "${host}"`, {
      hint: 'Is its name right? The address of this host can be given with --host.',
      cause,
    })
  } finally {
    socket.close()
  }
}
