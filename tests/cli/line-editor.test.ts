import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lineAbove, lineBelow } from '../../cli/line-editor.ts'
import { readHistory, writeHistory } from '../../cli/shell-history.ts'
import { testFolder } from './run-cli.ts'

const folder = testFolder()
const TEXT = 'select a\nfrom\nwhere b'

test.each([
  ['the first line has none above', lineAbove(TEXT, 3), null],
  ['the same column above', lineAbove(TEXT, 11), 2],
  ['the end of a shorter line above', lineAbove(TEXT, 21), 13],
  ['the start of a line', lineAbove(TEXT, 9), 0],
  ['the last line has none below', lineBelow(TEXT, 15), null],
  ['the same column below', lineBelow(TEXT, 2), 11],
  ['the end of a shorter line below', lineBelow(TEXT, 8), 13],
  ['the end of a line to the one below', lineBelow(TEXT, 13), 18],
])('%s', (_, place, expected) => {
  expect(place).toBe(expected)
})

test('a history file keeps texts of several lines', () => {
  const file = join(folder.path, 'history')
  const texts = ['select 1\n  as x;', '"a" ;', 'show tables;']
  writeHistory(file, texts)
  expect(readHistory(file)).toEqual(texts)
  expect(readHistory(join(folder.path, 'none'))).toEqual([])
})
