import { Session, type SessionOptions } from '../driver/session.ts'
import type { Arguments } from './arguments.ts'

/** A session as the flags of a command ask for it. */
export function openSession(args: Arguments): Session {
  const maxSlots = args.one('max-slots')
  const options = {
    master: args.one('master'),
    memory: args.one('memory'),
    timeZone: args.one('time-zone'),
    warehouse: args.one('warehouse'),
    profile: args.one('profile'),
    localDir: args.one('local-dir'),
    localDirSize: args.one('local-dir-size'),
    tokenFile: args.one('token-file'),
    tlsCa: args.one('tls-ca'),
    tlsCertificate: args.one('tls-certificate'),
    tlsKey: args.one('tls-key'),
    executorMemory: args.one('executor-memory'),
    maxSlots: maxSlots === undefined ? undefined : Number(maxSlots),
    name: 'millrace sql',
  }
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  // The cast holds: an option that is left out is as good as undefined.
  return new Session(Object.fromEntries(given) as SessionOptions)
}
