import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeTinyTpch } from '../../bench/data/tiny-tpch.ts'
import { tpchFiles } from '../../bench/data/tpch-data.ts'
import { tpchQueries } from '../../bench/suites/tpch.ts'
import { Session } from '../../driver/session.ts'
import { PLACES, startClusterAt, type TestCluster } from './test-cluster.ts'

const folder = mkdtempSync(join(tmpdir(), 'millrace-tpch-'))
beforeAll(() => makeTinyTpch(folder))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

for (const place of PLACES)
  describe(`TPC-H: the rows of a cluster are those of one process; ${place}`, () => {
    let cluster: TestCluster
    let sessions: readonly Session[]

    beforeAll(async () => {
      cluster = await startClusterAt(place)
      const local = new Session({ master: 'local[2]', memory: '512m', timeZone: 'UTC' })
      sessions = [local, cluster.session(), cluster.session()]
      for (const session of sessions)
        for (const [table, path] of Object.entries(tpchFiles(folder))) await session.registerPath(table, path)
      // Every exchange and join is real: with few rows plans of one task would do.
      await sessions[2]!.execute('SET spark.sql.shuffle.partitions = 7')
    })
    afterAll(async () => {
      for (const session of sessions) await session.stop()
      await cluster.close()
    })

    test.each(tpchQueries(0.01))('$name', async ({ sql }) => {
      const [local, usual, parted] = await Promise.all(sessions.map((session) => session.execute(sql)))
      const isOrdered = /^order by/m.test(sql)
      expect(comparable(usual!, isOrdered)).toEqual(comparable(local!, isOrdered))
      expect(comparable(parted!, isOrdered)).toEqual(comparable(local!, isOrdered))
    })
  })

function comparable(rows: readonly object[], isOrdered: boolean): readonly string[] {
  const texts = rows.map((row) =>
    JSON.stringify(Object.values(row), (_, value: unknown) => {
      if (typeof value === 'bigint') return String(value)
      // Sums of doubles depend on the order of their rows.
      return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(10)) : value
    }),
  )
  return isOrdered ? texts : texts.sort()
}
