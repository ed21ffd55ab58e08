import { describe, expect, it } from 'vitest'
import { parseTypeText } from '../../../engine/functions/scalar/type-text.ts'
import { typeName } from '../../../engine/types/index.ts'

describe('parseTypeText()', () => {
  const cases: readonly [string, string][] = [
    ['a INT', 'struct<a:int>'],
    ['a INT, b ARRAY<STRING>', 'struct<a:int,b:array<string>>'],
    ['a: long, `b c` decimal(5, 2) NOT NULL', 'struct<a:bigint,b c:decimal(5,2)>'],
    ["a INT COMMENT 'text, more', b DATE", 'struct<a:int,b:date>'],
    ['MAP<STRING, ARRAY<MAP<INT, DOUBLE>>>', 'map<string,array<map<int,double>>>'],
    ['STRUCT<a: INT, b: STRUCT<c: TIMESTAMP>>', 'struct<a:int,b:struct<c:timestamp>>'],
    ['ARRAY<STRUCT<>>', 'array<struct<>>'],
    ['INT', 'int'],
    ['DECIMAL(10,3)', 'decimal(10,3)'],
    ['v VARCHAR(10)', 'struct<v:string>'],
  ]
  it.each(cases)('%j is %s', (text, expected) => {
    expect(typeName(parseTypeText(text))).toBe(expected)
  })

  it.each(['', 'a', 'a INTT', 'a ARRAY<INT', 'a INT,', 'a INT b INT', 'MAP<INT>'])(
    '%j is an error',
    (text) => {
      expect(() => parseTypeText(text)).toThrow(expect.objectContaining({ code: 'PARSE_SYNTAX_ERROR' }))
    },
  )
})
