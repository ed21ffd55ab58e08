import { EngineError } from '../engine/errors.ts'
import { Driver } from '../proto/cluster/index.ts'
import { connectGrpc, type GrpcConnection } from '../proto/grpc/index.ts'
import { type Arguments, exitCodes } from './arguments.ts'
import { clientSecurity, driverAddress, readSecrets } from './cluster-access.ts'
import { readOptions } from './read-options.ts'
import { reportError } from './report-error.ts'

/** Typed calls to a driver. */
export type DriverCalls = ReturnType<typeof callsOf>

function callsOf(connection: GrpcConnection) {
  return connection.client(Driver)
}

/** Asks the driver that the flags name; gives the exit code, after an error has been written. */
export async function askDriver(
  args: Arguments,
  ask: (calls: DriverCalls, address: string) => Promise<void>,
): Promise<number> {
  let connection: GrpcConnection | null = null
  try {
    const options = readOptions('client', args)
    const address = driverAddress(options)
    connection = connectGrpc({ address, security: clientSecurity(readSecrets(options, null)) })
    await ask(callsOf(connection), address)
    return exitCodes.ok
  } catch (error) {
    reportError(error)
    const isUsage = error instanceof EngineError && error.code === 'CONFIG_INVALID'
    return isUsage ? exitCodes.usage : exitCodes.failed
  } finally {
    connection?.close()
  }
}

/** The one positional argument of a command. CONFIG_INVALID if there is none, or more. */
export function onlyPositional(args: Arguments, what: string): string {
  const [first, ...rest] = args.positionals
  if (first !== undefined && rest.length === 0) return first
  throw new EngineError('CONFIG_INVALID', `give one ${what}, not ${args.positionals.length}`)
}

/** Writes an answer as JSON, without what messages carry besides. */
export function writeJson(value: unknown): void {
  const text = JSON.stringify(
    value,
    (name, member: unknown) => (name.startsWith('$') ? undefined : member),
    2,
  )
  process.stdout.write(`${text}\n`)
}
