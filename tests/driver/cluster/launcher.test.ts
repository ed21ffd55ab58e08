import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Launcher } from '../../../driver/cluster/index.ts'

let folder: string
let launcher: Launcher | null = null
const lines: string[] = []
const decommissioned: string[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-launcher-'))
  lines.length = 0
  decommissioned.length = 0
})
afterEach(async () => {
  await launcher?.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Stands for a worker: it takes a name from its folder, tells its token's length, and ends when asked to. */
const WORKER = `
  const { writeFileSync } = require('node:fs')
  const dir = process.argv[1]
  writeFileSync(dir + '/worker-id', dir.split('/').at(-1))
  writeFileSync(dir + '/pid', String(process.pid))
  process.stdin.once('data', (text) => console.log('token of ' + text.toString().trim().length))
  process.stdin.on('end', () => process.exit(0))
`

function start(min: number, max: number): Launcher {
  launcher = new Launcher({
    min,
    max,
    token: 'secret',
    folder,
    command: (localDir) => [process.execPath, '-e', WORKER, localDir],
    decommission: (workerId) => {
      decommissioned.push(workerId)
      process.kill(pidOf(workerId), 'SIGTERM')
      return true
    },
    isIdle: (workerId) => workerId === 'worker-0',
    onOutput: (line) => lines.push(line),
  })
  return launcher
}

function pidOf(worker: string): number {
  return Number(readFileSync(join(folder, worker, 'pid'), 'utf8'))
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10))
}

test('as many workers as wanted, within bounds; those with nothing to do go first', async () => {
  const own = start(1, 2)
  own.want(5)
  expect(own.count).toBe(2)
  await until(() => lines.length === 2)
  expect(lines).toEqual(['token of 6', 'token of 6'])
  own.want(0)
  expect(decommissioned).toEqual(['worker-0'])
  expect(own.count).toBe(1)
  await until(() => !isAlive(pidOf('worker-0')))
  own.want(2)
  expect(readdirSync(folder).sort()).toEqual(['worker-0', 'worker-1'])
  await until(() => lines.length === 3)
})

test('one that dies is started again; when the launcher is closed none is left', async () => {
  const own = start(1, 1)
  await until(() => lines.length === 1)
  const pid = pidOf('worker-0')
  process.kill(pid, 'SIGKILL')
  await until(() => lines.length === 2)
  const next = pidOf('worker-0')
  expect(next).not.toBe(pid)
  await own.close()
  expect(isAlive(next)).toBe(false)
})

test('a folder that cannot be made is told, and tried again', async () => {
  writeFileSync(join(folder, 'worker-0'), 'in the way')
  const own = start(1, 1)
  expect(lines).toMatchObject([expect.stringContaining('cannot be started')])
  rmSync(join(folder, 'worker-0'))
  await until(() => lines.includes('token of 6'))
  expect(existsSync(join(folder, 'worker-0', 'worker-id'))).toBe(true)
  expect(own.count).toBe(1)
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
