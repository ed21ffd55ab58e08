import type { ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { open } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { MessageInitShape } from '@bufbuild/protobuf'
import { EngineError } from '../../../engine/errors.ts'
import type { ProgramPiece, ProgramStatusSchema } from '../../../proto/cluster/index.ts'
import { hashToken, newToken } from '../../../proto/grpc/index.ts'
import { killLeftover, startProgram } from './program-process.ts'
import { ProgramStore, type StoredProgram } from './program-store.ts'

export type { StoredProgram } from './program-store.ts'

export interface ProgramsOptions {
  readonly stateFolder: string
  /** What programs find their driver with: MILLRACE_MASTER, and what its security needs besides the token. */
  readonly env: Readonly<Record<string, string>>
  /** The state of a program could not be written, as the disk is full: it is right in memory only. */
  onError(error: EngineError): void
}

/** Programs at a time. */
const MOST_RUNNING = 100
/** How long a program may take to end when it is asked to. */
const END_MS = 5000
const FOLLOW_MS = 100
const OUTPUT_BYTES = 256 * 1024

interface Running {
  readonly child: ChildProcess
  readonly tokenHash: string
  readonly exited: Promise<void>
}

/** Programs that run without their client, as processes of the driver. */
export class Programs {
  readonly #store: ProgramStore
  readonly #env: Readonly<Record<string, string>>
  readonly #onError: ProgramsOptions['onError']
  readonly #programs = new Map<string, StoredProgram>()
  readonly #running = new Map<string, Running>()
  #isClosed = false

  constructor({ stateFolder, env, onError }: ProgramsOptions) {
    this.#store = new ProgramStore(stateFolder)
    this.#env = env
    this.#onError = onError
    for (const program of this.#store.load()) this.#programs.set(program.programId, program)
  }

  /** Starts those again that ran when the driver ended. Once the driver can be reached. */
  resume(): void {
    for (const program of this.#programs.values()) {
      if (program.state !== 'running') continue
      killLeftover(program.pid, this.#store.bundleOf(program.programId))
      this.#start(program)
    }
  }

  /** Whether a token with this hash is that of a program that runs. It opens sessions, and nothing else. */
  isProgramToken(tokenHash: string): boolean {
    for (const running of this.#running.values()) if (running.tokenHash === tokenHash) return true
    return false
  }

  /** Keeps and starts a program; gives its id. */
  async submit(pieces: AsyncIterable<ProgramPiece>): Promise<string> {
    if (this.#running.size >= MOST_RUNNING)
      throw new EngineError('RESOURCES_EXHAUSTED', `${this.#running.size} programs run already`)
    const programId = `p-${randomBytes(6).toString('hex')}`
    const program = await this.#store.receive(pieces, programId, Date.now())
    if (this.#isClosed) throw new EngineError('CLUSTER_UNREACHABLE', 'the driver was stopped')
    this.#start(program)
    for (const { programId: old } of this.#store.prune([...this.#programs.values()]))
      this.#programs.delete(old)
    return programId
  }

  #start(program: StoredProgram): void {
    const { programId, args, settings } = program
    const token = newToken()
    const own = Object.entries(settings).map(([name, value]) => [
      `MILLRACE_${name.replaceAll('-', '_').toUpperCase()}`,
      value,
    ])
    const child = startProgram({
      bundle: this.#store.bundleOf(programId),
      args,
      output: this.#store.outputOf(programId),
      folder: this.#store.folderOf(programId),
      env: { ...Object.fromEntries(own), ...this.#env, MILLRACE_TOKEN: token },
    })
    const exited = new Promise<void>((resolve) => {
      child.once('error', () => {
        this.#ended(programId, null)
        resolve()
      })
      child.once('exit', (code) => {
        this.#ended(programId, code)
        resolve()
      })
    })
    this.#running.set(programId, { child, tokenHash: hashToken(token), exited })
    this.#save({ ...program, starts: program.starts + 1, pid: child.pid ?? 0 })
  }

  /** `code` is null if the process was ended by a signal, or did not begin. */
  #ended(programId: string, code: number | null): void {
    if (!this.#running.delete(programId) || this.#isClosed) return
    const program = this.#programs.get(programId)!
    const wasKilled = program.state === 'killed'
    const state = wasKilled ? 'killed' : code === 0 ? 'succeeded' : 'failed'
    this.#save({ ...program, state, exitCode: code ?? -1, endedMs: Date.now() })
  }

  #save(program: StoredProgram): void {
    this.#programs.set(program.programId, program)
    try {
      this.#store.save(program)
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      const message = `the state of program "${program.programId}" cannot be written: ${reason}`
      this.#onError(new EngineError('IO_ERROR', message, { cause }))
    }
  }

  /** Ends a program. False if none of this id runs. */
  async kill(programId: string): Promise<boolean> {
    const running = this.#running.get(programId)
    const program = this.#programs.get(programId)
    if (running === undefined || program === undefined) return false
    this.#save({ ...program, state: 'killed' })
    await endProcess(running)
    return true
  }

  /** As they are kept, the newest first. */
  stored(): StoredProgram[] {
    return [...this.#programs.values()].reverse()
  }

  /** The newest first. */
  list(): MessageInitShape<typeof ProgramStatusSchema>[] {
    return this.stored().map(({ submittedMs, endedMs, ...program }) => ({
      programId: program.programId,
      name: program.name,
      state: program.state,
      exitCode: program.exitCode,
      starts: program.starts,
      submittedAtMs: submittedMs,
      endedAtMs: endedMs,
    }))
  }

  /** What a program wrote; with `follow` until it has ended. NOT_FOUND if there is none of this id. */
  async *readOutput(
    programId: string,
    follow: boolean,
    signal: AbortSignal,
  ): AsyncGenerator<{ readonly text: Uint8Array }, void, void> {
    if (!this.#programs.has(programId))
      throw new EngineError('NOT_FOUND', `there is no program "${programId.slice(0, 200)}"`)
    const file = await open(this.#store.outputOf(programId), 'r')
    try {
      for (let at = 0; !signal.aborted; ) {
        // Asked before the file is read: what is written until the end is then there.
        const isOver = !this.#running.has(programId)
        const { bytesRead, buffer } = await file.read(Buffer.alloc(OUTPUT_BYTES), 0, OUTPUT_BYTES, at)
        at += bytesRead
        if (bytesRead > 0) yield { text: buffer.subarray(0, bytesRead) }
        else if (isOver || !follow) return
        else await sleep(FOLLOW_MS)
      }
    } finally {
      await file.close()
    }
  }

  /** Ends the processes; programs that ran start again with the next driver. */
  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all([...this.#running.values()].map(endProcess))
  }
}

async function endProcess({ child, exited }: Running): Promise<void> {
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), END_MS)
  try {
    await exited
  } finally {
    clearTimeout(timer)
  }
}
