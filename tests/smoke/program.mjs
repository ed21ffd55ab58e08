// A small program for versions of Node that the test runner itself does not run on: the package by its own
// name, SQL on worker threads, a Parquet file written and read back, an error with its code.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EngineError, Session } from 'millrace'

const expectedVersion = process.argv[2]
if (expectedVersion !== undefined) assert.equal(process.version, `v${expectedVersion}`)

const folder = mkdtempSync(join(tmpdir(), 'millrace-smoke-'))
const session = await Session.create({ master: 'local[2]' })
try {
  const total = await session.sql('SELECT sum(x * x) AS total FROM VALUES (1), (2), (3) AS t(x)').collect()
  assert.deepEqual(total, [{ total: 14 }])
  const path = join(folder, 'squares')
  await session.sql('SELECT x, x * x AS y FROM VALUES (1), (2), (3) AS t(x)').write.parquet(path)
  const back = await session.read.parquet(path).collect()
  assert.equal(back.length, 3)
  const isNamed = (error) => error instanceof EngineError && error.code === 'TABLE_OR_VIEW_NOT_FOUND'
  await assert.rejects(async () => session.sql('SELECT * FROM nowhere').collect(), isNamed)
} finally {
  await session.stop()
  rmSync(folder, { recursive: true, force: true })
}
console.log(`smoke passed on ${process.version}`)
