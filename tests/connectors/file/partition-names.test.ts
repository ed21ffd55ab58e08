import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { escapeName, listDataFiles } from '../../../connectors/file/list-files.ts'
import { fileSystemOf } from '../../../connectors/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'millrace-partitions-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function valueOf(name: string): Promise<string | null | undefined> {
  const path = join(folder, `k=${name}`)
  mkdirSync(path)
  writeFileSync(join(path, 'rows.csv'), '1\n')
  const [file] = await listDataFiles(fileSystemOf(folder), folder)
  rmSync(path, { recursive: true })
  return file?.partition.k
}

test.each([
  ['é:x', 'escaped by nobody but for ASCII, as Spark does', 'é%3Ax'],
  ['é:x', 'escaped byte by byte, as DuckDB, Polars and pyarrow do', '%C3%A9%3Ax'],
  ['a b/c=d%', 'with blanks escaped', 'a%20b%2Fc%3Dd%25'],
  ['\u0085', 'bytes that are no UTF-8 are characters', '%85'],
  ['100%', 'a percent sign alone', '100%'],
  [null, 'NULL', '__HIVE_DEFAULT_PARTITION__'],
])('a partition folder names %j: %s', async (value, _what, name) => {
  expect(await valueOf(name)).toBe(value)
})

test('every character escaped by escapeName() is read back', async () => {
  const characters = Array.from({ length: 0x17f }, (_, index) => String.fromCharCode(index + 1))
  for (const text of ['', 'Ã', 'é'])
    for (const char of characters.filter((each) => each !== '.'))
      expect(await valueOf(escapeName(`${text}${char}\u0085`))).toBe(`${text}${char}\u0085`)
})
