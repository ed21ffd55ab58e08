import { Session } from '../driver/session.ts'
import type { Arguments } from './arguments.ts'

const SETTINGS = ['master', 'memory', 'time-zone', 'warehouse', 'profile']

/** A session as the flags of a command ask for it. */
export function openSession(args: Arguments): Session {
  const [master, memory, timeZone, warehouse, profile] = SETTINGS.map((flag) => args.one(flag))
  const [localDir, localDirSize] = ['local-dir', 'local-dir-size'].map((flag) => args.one(flag))
  return new Session({
    ...(master === undefined ? {} : { master }),
    ...(memory === undefined ? {} : { memory }),
    ...(timeZone === undefined ? {} : { timeZone }),
    ...(warehouse === undefined ? {} : { warehouse }),
    ...(localDir === undefined ? {} : { localDir }),
    ...(localDirSize === undefined ? {} : { localDirSize }),
    ...(profile === undefined ? {} : { profile }),
  })
}
