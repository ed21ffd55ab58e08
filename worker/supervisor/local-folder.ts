import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { EngineError } from '../../engine/errors.ts'

const ID_FILE = 'worker-id'
const PID_FILE = 'worker-pid'
const TOKEN_FILE = 'token-hash'

const SESSION = /^s-[0-9a-f]+$/

/**
 * The folder of a worker: its id, so that it is known when it starts again, and a folder for each session
 * with spilled rows, outputs, and the hash of the session's token.
 */
export class LocalFolder {
  readonly path: string
  readonly workerId: string

  private constructor(path: string, workerId: string) {
    this.path = path
    this.workerId = workerId
  }

  /** CONFIG_INVALID if it cannot be written, or another worker that lives has it. */
  static open(path: string): LocalFolder {
    try {
      mkdirSync(path, { recursive: true, mode: 0o700 })
      const pidFile = join(path, PID_FILE)
      const owner = Number(read(pidFile))
      if (owner > 0 && owner !== process.pid && isAlive(owner))
        throw new EngineError(
          'CONFIG_INVALID',
          `folder "${path}" is that of another worker, process ${owner}`,
          {
            hint: `Give each worker its own --local-dir. If there is no such worker, remove "${pidFile}".`,
          },
        )
      writeFileSync(pidFile, `${process.pid}\n`, { mode: 0o600 })
      const idFile = join(path, ID_FILE)
      const known = read(idFile)?.trim() ?? ''
      const workerId = /^w-[0-9a-f]{12}$/.test(known) ? known : `w-${randomBytes(6).toString('hex')}`
      if (workerId !== known) writeFileSync(idFile, `${workerId}\n`, { mode: 0o600 })
      return new LocalFolder(path, workerId)
    } catch (cause) {
      if (cause instanceof EngineError) throw cause
      throw new EngineError('CONFIG_INVALID', `folder "${path}" of the worker cannot be used`, {
        hint: 'Name a folder that can be written with --local-dir.',
        cause,
      })
    }
  }

  /** Makes the folder of a session, and keeps the hash of its token there. */
  openSession(sessionId: string, tokenHash: string): void {
    const folder = join(this.path, sessionId)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    writeFileSync(join(folder, TOKEN_FILE), tokenHash, { mode: 0o600 })
  }

  /** Hashes of tokens by session, also of sessions of before. */
  tokenHashes(): Map<string, string> {
    const hashes = new Map<string, string>()
    for (const sessionId of this.sessions()) {
      const hash = read(join(this.path, sessionId, TOKEN_FILE))
      if (hash !== null) hashes.set(sessionId, hash)
    }
    return hashes
  }

  /** Sessions that have a folder here. */
  sessions(): string[] {
    return readdirSync(this.path).filter((name) => SESSION.test(name))
  }

  /** Nothing of the session is needed any more. */
  removeSession(sessionId: string): void {
    if (SESSION.test(sessionId)) rmSync(join(this.path, sessionId), { recursive: true, force: true })
  }

  /** Another worker may have it. */
  close(): void {
    rmSync(join(this.path, PID_FILE), { force: true })
  }
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null // Of node:fs.
    throw error
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH' // Of process.kill.
  }
}
