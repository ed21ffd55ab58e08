import { expect, test } from 'vitest'
import { isComplete, splitStatements } from '../../../sql/parser/index.ts'

test.each<[text: string, statements: string[]]>([
  ['', []],
  ['SELECT 1', ['SELECT 1']],
  ['SELECT 1; SELECT 2;', ['SELECT 1', 'SELECT 2']],
  [';;  ;', []],
  ['SELECT \';\', ";", `;`; x', ['SELECT \';\', ";", `;`', 'x']],
  ["SELECT 'it''s; \\'; ' ; x", ["SELECT 'it''s; \\'; '", 'x']],
  ["SELECT r'\\'; x", ["SELECT r'\\'", 'x']],
  ["SELECT bar'\\';'; x", ["SELECT bar'\\';'", 'x']],
  ['-- a; b\nSELECT 1 -- c; d\n; -- e', ['SELECT 1']],
  ['SELECT /* a; /* b; */ c; */ 1; x', ['SELECT /* a; /* b; */ c; */ 1', 'x']],
  ["SELECT 'open; x", ["SELECT 'open; x"]],
  ['SELECT 1 /* open; x', ['SELECT 1']],
])('splitStatements(%j)', (text, statements) => {
  expect(splitStatements(text).map((statement) => statement.text)).toEqual(statements)
})

test('positions are those of the first character', () => {
  expect(splitStatements('a;\n\n  -- c\n  b; c').map(({ position }) => position)).toEqual([
    { line: 1, column: 1, offset: 0 },
    { line: 4, column: 3, offset: 13 },
    { line: 4, column: 6, offset: 16 },
  ])
})

test.each<[text: string, complete: boolean]>([
  ['', false],
  ['SELECT 1', false],
  ['SELECT 1;', true],
  ['SELECT 1;  \n', true],
  ['SELECT 1; -- done', true],
  ['SELECT 1; /* done */', true],
  ['SELECT 1; SELECT', false],
  ["SELECT ';", false],
  ["SELECT ';';", true],
  ['SELECT 1 -- ;', false],
  ['SELECT 1; /* open', false],
  ['SELECT `a;', false],
])('isComplete(%j) is %s', (text, complete) => {
  expect(isComplete(text)).toBe(complete)
})
