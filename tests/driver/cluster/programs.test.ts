import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { create } from '@bufbuild/protobuf'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Programs } from '../../../driver/cluster/programs/index.ts'
import type { EngineError } from '../../../engine/errors.ts'
import { type ProgramPiece, ProgramPieceSchema } from '../../../proto/cluster/index.ts'
import { hashToken } from '../../../proto/grpc/index.ts'

let stateFolder: string
const opened: Programs[] = []
const errors: EngineError[] = []
beforeEach(() => {
  stateFolder = mkdtempSync(join(tmpdir(), 'millrace-programs-'))
})
afterEach(async () => {
  for (const programs of opened.splice(0)) await programs.close()
  rmSync(stateFolder, { recursive: true, force: true })
})

function open(): Programs {
  const env = { MILLRACE_MASTER: 'millrace://127.0.0.1:1' }
  const programs = new Programs({ stateFolder, env, onError: (error) => errors.push(error) })
  opened.push(programs)
  return programs
}

async function* pieces(
  text: string,
  more: Pick<Partial<ProgramPiece>, 'args' | 'settings' | 'hash'> = {},
): AsyncGenerator<ProgramPiece> {
  const bytes = Buffer.from(text)
  const hash = createHash('sha256').update(bytes).digest('hex')
  const middle = bytes.length >> 1
  yield create(ProgramPieceSchema, { name: 'test', hash, bundle: bytes.subarray(0, middle), ...more })
  yield create(ProgramPieceSchema, { bundle: bytes.subarray(middle) })
}

async function outputOf(programs: Programs, programId: string, until?: string): Promise<string> {
  let text = ''
  const controller = new AbortController()
  for await (const piece of programs.readOutput(programId, true, controller.signal)) {
    text += Buffer.from(piece.text).toString()
    if (until !== undefined && text.includes(until)) break
  }
  return text
}

async function stateOf(programs: Programs, programId: string, wanted: string): Promise<unknown> {
  for (;;) {
    const program = programs.list().find((candidate) => candidate.programId === programId)
    if (program?.state === wanted) return program
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** Writes the variables of its environment, then waits. */
const WAITING = `
  console.log(JSON.stringify(Object.keys(process.env).sort()), process.argv.slice(2).join(' '))
  console.log('token ' + process.env.MILLRACE_TOKEN)
  setInterval(() => {}, 1000)
`

describe('detached programs', () => {
  test('one runs to its end; what it wrote and its exit code are kept', async () => {
    const programs = open()
    const text = "console.log('out', process.argv[2]); console.error('err'); process.exitCode = 3"
    const programId = await programs.submit(pieces(text, { args: ['x'] }))
    expect(await outputOf(programs, programId)).toBe('out x\nerr\n')
    expect(await stateOf(programs, programId, 'failed')).toMatchObject({
      exitCode: 3,
      starts: 1,
      name: 'test',
    })
    await programs.close()
    expect(await outputOf(open(), programId)).toBe('out x\nerr\n')
  })

  test('one sees where its driver is, its own token and settings, and nothing else of the environment', async () => {
    process.env['MILLRACE_SECRET_OF_TEST'] = 'x'
    const programs = open()
    const settings = { 'time-zone': 'UTC' }
    const programId = await programs.submit(pieces(WAITING, { args: ['a', '--b'], settings }))
    const text = await outputOf(programs, programId, 'token ')
    delete process.env['MILLRACE_SECRET_OF_TEST']
    const names = JSON.parse(text.slice(0, text.indexOf(']') + 1)) as string[]
    expect(names.filter((name) => name.startsWith('MILLRACE'))).toEqual([
      'MILLRACE_MASTER',
      'MILLRACE_TIME_ZONE',
      'MILLRACE_TOKEN',
    ])
    expect(text).toContain('] a --b\n')
    const token = /token (\S+)/.exec(text)![1]!
    expect(programs.isProgramToken(hashToken(token))).toBe(true)
    expect(readFileSync(join(stateFolder, 'programs', programId, 'program.json'), 'utf8')).not.toContain(
      token,
    )
    expect(await programs.kill(programId)).toBe(true)
    expect(await stateOf(programs, programId, 'killed')).toMatchObject({ state: 'killed' })
    expect(programs.isProgramToken(hashToken(token))).toBe(false)
    expect(await programs.kill(programId)).toBe(false)
  })

  test('one finds the package of the driver', async () => {
    const programs = open()
    const text = "import { Session } from 'millrace'; console.log(typeof Session)"
    const programId = await programs.submit(pieces(text))
    expect(await outputOf(programs, programId)).toBe('function\n')
  })

  test('one that ran when the driver ended starts again with the next; one that had ended does not', async () => {
    const first = open()
    const waiting = await first.submit(pieces(WAITING))
    const over = await first.submit(pieces('console.log(1)'))
    await outputOf(first, waiting, 'token ')
    await stateOf(first, over, 'succeeded')
    await first.close()
    const second = open()
    second.resume()
    expect(await stateOf(second, waiting, 'running')).toMatchObject({ starts: 2 })
    expect(await stateOf(second, over, 'succeeded')).toMatchObject({ starts: 1 })
    const [before, after] = (await outputTwice(second, waiting)).map((line) => line.slice(6))
    expect(after).not.toBe(before)
  })

  test('a disk that fails while a program ends is told, and harms nobody', async () => {
    const programs = open()
    errors.length = 0
    const programId = await programs.submit(pieces(WAITING))
    await outputOf(programs, programId, 'token ')
    // A folder in the place of the file makes writing it fail, also for root.
    mkdirSync(join(stateFolder, 'programs', programId, 'program.json.part'))
    expect(await programs.kill(programId)).toBe(true)
    expect(await stateOf(programs, programId, 'killed')).toMatchObject({ state: 'killed' })
    expect(errors.map(({ code }) => code)).toContain('IO_ERROR')
  })

  test.each([
    ['a hash of something else', { hash: 'x' }, 'not the one of its hash'],
    ['a setting that is not its own', { settings: { master: 'local' } }, 'no setting "master"'],
  ])('refused, and nothing left: %s', async (_name, more, message) => {
    const programs = open()
    await expect(programs.submit(pieces(WAITING, more))).rejects.toThrow(message)
    expect(programs.list()).toEqual([])
    expect(open().list()).toEqual([])
  })
})

/** The lines with the tokens of both starts. */
async function outputTwice(programs: Programs, programId: string): Promise<string[]> {
  let text = ''
  for await (const piece of programs.readOutput(programId, true, new AbortController().signal)) {
    text += Buffer.from(piece.text).toString()
    const lines = text.split('\n').filter((line) => line.startsWith('token '))
    if (lines.length === 2 && text.endsWith('\n')) return lines
  }
  return []
}
