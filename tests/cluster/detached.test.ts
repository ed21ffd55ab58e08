import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Driver } from '../../proto/cluster/index.ts'
import { connectGrpc } from '../../proto/grpc/index.ts'
import { startCluster, type TestCluster, until } from './test-cluster.ts'

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'millrace-detached-'))
let running: TestCluster

beforeAll(async () => {
  running = await startCluster({ workers: 0 })
  writeFileSync(join(folder, 'token'), running.cluster.token, { mode: 0o600 })
})
afterAll(async () => {
  await running.close()
  rmSync(folder, { recursive: true, force: true })
})

function submit(
  program: string,
  ...args: readonly string[]
): { readonly code: number | null; readonly out: string } {
  writeFileSync(join(folder, 'program.ts'), program)
  const place = ['--master', `millrace://${running.cluster.address}`, '--token-file', join(folder, 'token')]
  const all = ['submit', ...place, '--detach', join(folder, 'program.ts'), ...args]
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...all], { encoding: 'utf8' })
  return { code: status, out: stdout + stderr }
}

test('a program is left with the driver, which runs it, with its arguments, to the end', async () => {
  const { code, out } = submit(
    `import { Session } from 'millrace'
const session = new Session()
const rows: readonly object[] = await session.execute("SELECT 'of the program' AS text")
console.log(process.argv[2], JSON.stringify(rows))
await session.stop()
process.exit(3)`,
    'first argument',
  )
  expect(code, out).toBe(0)
  const id = out.trim()
  const security = { token: running.cluster.token, tls: null }
  const connection = connectGrpc({ address: running.cluster.address, security })
  try {
    const client = connection.client(Driver)
    await until(async () => {
      const { programs } = await client.listPrograms({})
      const program = programs.find(({ programId }) => programId === id)
      return program?.state === 'failed' && program.exitCode === 3 ? null : JSON.stringify(programs)
    })
    const pieces: Uint8Array[] = []
    for await (const { text } of client.readOutput({ programId: id, follow: true })) pieces.push(text)
    expect(Buffer.concat(pieces).toString()).toBe('first argument [{"text":"of the program"}]\n')
  } finally {
    connection.close()
  }
})

test('without the address of a driver it is an error', () => {
  const file = join(folder, 'program.ts')
  const { status, stderr } = spawnSync(process.execPath, [MAIN, 'submit', '--detach', file], {
    encoding: 'utf8',
  })
  expect(stderr).toContain('--detach needs the address of a driver')
  expect(status).toBe(2)
})
