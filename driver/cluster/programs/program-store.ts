import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { EngineError, nearestNames } from '../../../engine/errors.ts'
import type { ProgramPiece } from '../../../proto/cluster/index.ts'

/** A program as it is kept on disk. */
export interface StoredProgram {
  readonly programId: string
  readonly name: string
  readonly args: readonly string[]
  readonly settings: Readonly<Record<string, string>>
  readonly submittedMs: number
  readonly state: 'running' | 'succeeded' | 'failed' | 'killed'
  readonly exitCode: number
  /** How often it was started. */
  readonly starts: number
  readonly endedMs: number
  /** Process of the last start, so that one that outlived its driver is found. */
  readonly pid: number
}

const MOST_BUNDLE_BYTES = 256 * 1024 * 1024
const MOST_ARGS = 10_000
/** Programs that have ended and are still told of. */
const MOST_ENDED = 200

/** What a client may set; what says where and as whom a program runs is the driver's. */
export const PROGRAM_SETTINGS: readonly string[] = [
  'local-dir',
  'local-dir-size',
  'memory',
  'profile',
  'time-zone',
  'warehouse',
]

/**
 * The folder of programs: one folder each with `program.json`, the bundle `program.mjs`, what it writes
 * (`output.log`), and a link by which it finds this package.
 */
export class ProgramStore {
  readonly #folder: string

  constructor(stateFolder: string) {
    this.#folder = join(stateFolder, 'programs')
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
  }

  folderOf(programId: string): string {
    return join(this.#folder, programId)
  }

  /** What a program writes. */
  outputOf(programId: string): string {
    return join(this.folderOf(programId), 'output.log')
  }

  bundleOf(programId: string): string {
    return join(this.folderOf(programId), 'program.mjs')
  }

  /** Everything that is there, oldest first. A folder that is not whole is of a submission that broke off. */
  load(): StoredProgram[] {
    const programs: StoredProgram[] = []
    for (const entry of readdirSync(this.#folder)) {
      const file = join(this.folderOf(entry), 'program.json')
      if (existsSync(file)) programs.push(readProgram(file))
      else rmSync(this.folderOf(entry), { recursive: true, force: true })
    }
    return programs.sort((a, b) => a.submittedMs - b.submittedMs)
  }

  save(program: StoredProgram): void {
    const file = join(this.folderOf(program.programId), 'program.json')
    writeFileSync(`${file}.part`, JSON.stringify(program), { mode: 0o600 })
    renameSync(`${file}.part`, file)
  }

  /** Removes the oldest of those that have ended, beyond what is kept. */
  prune(programs: readonly StoredProgram[]): StoredProgram[] {
    const ended = programs.filter(({ state }) => state !== 'running')
    const removed = ended.slice(0, Math.max(0, ended.length - MOST_ENDED))
    for (const { programId } of removed) rmSync(this.folderOf(programId), { recursive: true, force: true })
    return removed
  }

  /**
   * Takes in a program from its pieces; it is kept when this resolves. INVALID_ARGUMENT if it is not whole.
   */
  async receive(
    pieces: AsyncIterable<ProgramPiece>,
    programId: string,
    nowMs: number,
  ): Promise<StoredProgram> {
    const folder = this.folderOf(programId)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    try {
      const head = await receiveBundle(pieces, this.bundleOf(programId))
      linkPackage(folder)
      writeFileSync(this.outputOf(programId), '', { mode: 0o600 })
      const program: StoredProgram = {
        programId,
        name: head.name.slice(0, 1000),
        args: head.args,
        settings: checkedSettings(head.settings),
        submittedMs: nowMs,
        state: 'running',
        exitCode: 0,
        starts: 0,
        endedMs: 0,
        pid: 0,
      }
      this.save(program)
      return program
    } catch (error) {
      rmSync(folder, { recursive: true, force: true })
      throw error
    }
  }
}

async function receiveBundle(pieces: AsyncIterable<ProgramPiece>, path: string): Promise<ProgramPiece> {
  const hash = createHash('sha256')
  const file = await open(path, 'w', 0o600)
  let head: ProgramPiece | null = null
  try {
    let bytes = 0
    for await (const piece of pieces) {
      head ??= piece
      if (head.args.length > MOST_ARGS)
        throw new EngineError('INVALID_ARGUMENT', `a program has ${head.args.length} arguments`)
      bytes += piece.bundle.length
      if (bytes > MOST_BUNDLE_BYTES)
        throw new EngineError('RESOURCES_EXHAUSTED', `a program is larger than ${MOST_BUNDLE_BYTES} bytes`)
      hash.update(piece.bundle)
      await file.write(piece.bundle)
    }
  } finally {
    await file.close()
  }
  if (head === null) throw new EngineError('PROTOCOL_ERROR', 'a program came without a piece')
  if (hash.digest('hex') !== head.hash)
    throw new EngineError('INVALID_ARGUMENT', 'the bundle of a program is not the one of its hash', {
      hint: 'Submit it again; it was cut or changed on its way.',
    })
  return head
}

function checkedSettings(settings: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  for (const name of Object.keys(settings)) {
    if (PROGRAM_SETTINGS.includes(name)) continue
    const near = nearestNames(name, PROGRAM_SETTINGS)[0]
    throw new EngineError('CONFIG_INVALID', `a program has no setting "${name}"`, {
      hint: near === undefined ? `There are: ${PROGRAM_SETTINGS.join(', ')}.` : `Did you mean "${near}"?`,
    })
  }
  return settings
}

/** `import 'millrace'` in the program means the package of this driver, wherever its client had its own. */
function linkPackage(folder: string): void {
  const places = ['../../../..', '../../..'].map((up) =>
    fileURLToPath(new URL(`${up}/package.json`, import.meta.url)),
  )
  const manifest = places.find((place) => existsSync(place))
  if (manifest === undefined)
    throw new EngineError('INTERNAL_ERROR', 'the folder of the package is not found')
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(dirname(manifest), join(folder, 'node_modules', 'millrace'), 'dir')
}

function readProgram(file: string): StoredProgram {
  try {
    // The driver wrote it; the version of the state folder is that of the build.
    return JSON.parse(readFileSync(file, 'utf8')) as StoredProgram
  } catch (cause) {
    throw new EngineError('IO_ERROR', `cannot read the state of a program from "${file}"`, { cause })
  }
}
