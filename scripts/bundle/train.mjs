// Runs statements of common kinds with the bundle and keeps the code that V8 made of it, for the driver's
// thread and for worker threads. bundle.mjs runs this in a process of its own.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BroadcastChannel, isMainThread } from 'node:worker_threads'
import { cacheFile, codeCache, openDoor, train } from '../../dist/bundle/load.js'

const CHANNEL = 'millrace-training'

const STATEMENTS = [
  `CREATE OR REPLACE TEMPORARY VIEW made AS
   SELECT id, id % 7 AS k, concat('name', CAST(id % 100 AS STRING)) AS name,
          CAST(id AS DECIMAL(12, 2)) AS price,
          date_add(DATE '2020-01-01', CAST(id % 1000 AS INT)) AS day
   FROM range(5000)`,
  'CREATE TABLE sales USING parquet AS SELECT * FROM made',
  'CREATE TABLE notes USING csv AS SELECT id, name FROM made',
  'SELECT count(*) FROM sales',
  "SELECT id, name FROM sales WHERE id > 4900 AND name LIKE '%9' LIMIT 5",
  `SELECT k, sum(price) AS total, avg(price) AS mean, count(DISTINCT name) AS names FROM sales
   WHERE day >= DATE '2020-03-01' AND day < DATE '2020-03-01' + INTERVAL '1' YEAR
   GROUP BY k HAVING count(*) > 1 ORDER BY total DESC LIMIT 3`,
  `SELECT a.k, max(b.name) AS name FROM sales a JOIN sales b ON a.id = b.id
   WHERE a.price > 10 GROUP BY a.k ORDER BY 1`,
  'SELECT sum(price * 0.5) FROM sales WHERE price BETWEEN 3 AND 900',
  `SELECT extract(year FROM day) AS y, sum(CASE WHEN k = 1 THEN price ELSE 0 END) FROM sales
   WHERE id IN (SELECT id FROM sales WHERE k = 2) OR k = 3 GROUP BY extract(year FROM day) ORDER BY y`,
  'SELECT name, row_number() OVER (PARTITION BY k ORDER BY price DESC) AS place FROM sales LIMIT 3',
  'SELECT count(*) FROM notes WHERE id < 100',
  'SHOW TABLES',
  'DESCRIBE sales',
]

if (isMainThread) await main()
else thread()

async function main() {
  train()
  const threads = createRequire(import.meta.url)('node:worker_threads')
  const { Worker } = threads
  // The bundle's threads run this file, which opens the thread's door.
  threads.Worker = class extends Worker {
    constructor(_url, options) {
      super(fileURLToPath(import.meta.url), options)
    }
  }
  const folder = mkdtempSync(join(tmpdir(), 'millrace-training-'))
  try {
    const { Session } = openDoor('index')
    const session = new Session({ master: 'local[1]', memory: '256m', warehouse: folder })
    for (const statement of STATEMENTS) await session.execute(statement)
    await codeOfThread()
    await session.stop()
    const { runCommandLine } = openDoor('command')
    const answer = join(folder, 'answer.txt')
    await runCommandLine(['sql', '--format', 'table', '-o', answer, 'select 1 as one'])
    writeFileSync(cacheFile(), codeCache())
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Asks the thread to keep its code, and waits until it has. */
function codeOfThread() {
  const channel = new BroadcastChannel(CHANNEL)
  return new Promise((done) => {
    channel.onmessage = () => {
      channel.close()
      done()
    }
    channel.postMessage('keep')
  })
}

function thread() {
  train()
  const channel = new BroadcastChannel(CHANNEL)
  channel.onmessage = () => {
    writeFileSync(cacheFile(), codeCache())
    channel.postMessage('kept')
  }
  channel.unref()
  openDoor('slot')
}
