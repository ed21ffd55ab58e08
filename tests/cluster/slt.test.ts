import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Session } from '../../driver/session.ts'
import { filesBelow } from '../slt/find-files.ts'
import { runRecord } from '../slt/run-record.ts'
import { parseSlt } from '../slt/slt-file.ts'
import { PLACES, startClusterAt, type TestCluster } from './test-cluster.ts'

const FOLDER = join(import.meta.dirname, '..', 'sql')

for (const place of PLACES)
  describe(place, () => {
    let cluster: TestCluster
    let session: Session
    let folder: string
    beforeAll(async () => {
      cluster = await startClusterAt(place)
    })
    afterAll(() => cluster.close())
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'millrace-slt-'))
      session = cluster.session({ warehouse: folder, arena: { poison: true } })
    })
    afterEach(async () => {
      await session.stop()
      rmSync(folder, { recursive: true, force: true })
    })
    for (const file of filesBelow(FOLDER, '.slt'))
      test(relative(FOLDER, file), async () => {
        const text = readFileSync(file, 'utf8').replaceAll('$FOLDER', folder)
        for (const record of parseSlt(text)) {
          await runRecord(session, record, `${file}:${record.line}`)
          expect(session.usedBytes, `${file}:${record.line}: every byte is back`).toBe(0)
        }
        await cluster.untilAtRest()
      })
  })
