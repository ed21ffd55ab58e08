// A small program for versions of Node that the test runner itself does not run on: the package by its own
// name, a query on two worker threads, an error with its code.
import assert from 'node:assert/strict'
import { EngineError, Session } from 'millrace'

const expectedVersion = process.argv[2]
if (expectedVersion !== undefined) assert.equal(process.version, `v${expectedVersion}`)

const session = new Session({ master: 'local[2]' })
try {
  const rows = await session.sql('SELECT sum(x * x) AS total FROM VALUES (1), (2), (3) AS t(x)').collect()
  assert.deepEqual(rows, [{ total: 14 }])
  const isNamed = (error) => error instanceof EngineError && error.code === 'TABLE_OR_VIEW_NOT_FOUND'
  await assert.rejects(async () => session.sql('SELECT * FROM nowhere').collect(), isNamed)
} finally {
  await session.stop()
}
console.log(`smoke passed on ${process.version}`)
