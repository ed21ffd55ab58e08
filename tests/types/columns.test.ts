import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { compile, DECLARATIONS, type Diagnostic, diagnosticsOf } from './compile.ts'

const FOLDER = join(import.meta.dirname, 'expected-errors')
const FIXTURES = ['misspelt.ts', 'mistyped.ts']

let diagnostics: readonly Diagnostic[]
beforeAll(() => {
  diagnostics = diagnosticsOf(compile([...FIXTURES, 'fits.ts'].map((name) => join(FOLDER, name))))
})

describe.each(FIXTURES)('%s', (name) => {
  const lines = readFileSync(join(FOLDER, name), 'utf8').split('\n')
  const marked = lines.flatMap((text, index) => {
    const wanted = /\/\/ error: (.*)/.exec(text)
    return wanted === null ? [] : [{ line: index + 1, what: wanted[1]! }]
  })
  // Statements may take several lines: the mark is on the last of them.
  const isAt = (line: number, marker: number): boolean =>
    line <= marker && !marked.some((other) => other.line < marker && other.line >= line)

  test.each(marked)('does not compile, with three lines at most: $what', ({ line }) => {
    const found = diagnostics.filter(
      (diagnostic) => basename(diagnostic.file) === name && isAt(diagnostic.line, line),
    )
    expect(found.length).toBe(1)
    expect(found[0]!.lineCount, found[0]!.text).toBeLessThanOrEqual(3)
  })

  test('has no other error', () => {
    const others = diagnostics.filter(
      ({ file, line }) => basename(file) === name && !marked.some((mark) => isAt(line, mark.line)),
    )
    expect(others).toEqual([])
  })
})

test('what fits compiles, with the types it says', () => {
  expect(diagnostics.filter(({ file }) => !FIXTURES.includes(basename(file)))).toEqual([])
})

test('30 steps over 60 columns add less than a second to the checker', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-chain-'))
  try {
    const [empty, chain] = [join(folder, 'empty.mts'), join(folder, 'chain.mts')]
    writeFileSync(empty, program(0))
    writeFileSync(chain, program(30))
    const flags = ['--extendedDiagnostics', '--noUnusedLocals', 'false']
    const checkTime = (file: string): number => {
      const output = compile([file], flags)
      expect(diagnosticsOf(output)).toEqual([])
      const seconds = /Check time:\s*([\d.]+)s/.exec(output)
      if (seconds === null) throw new Error(`no check time in\n${output}`)
      return Number(seconds[1])
    }
    const added = checkTime(chain) - checkTime(empty)
    expect(added).toBeLessThan(1)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}, 60_000)

/** A program with a table of 60 columns and a chain of steps, each kind in turn. */
function program(steps: number): string {
  const types = ['Int', 'Decimal', 'string | null', 'Double', 'Int64 | null', 'boolean']
  const columns = Array.from(
    { length: 60 },
    (_, index) => `  readonly c${index}: ${types[index % types.length]}`,
  )
  const chain = Array.from({ length: steps }, (_, step) => {
    switch (step % 6) {
      case 0:
        return `  .withColumn('w${step}', (r) => r.c0.plus(r.c1).times(r.c3))`
      case 1:
        return `  .filter((r) => r.w${step - 1}.gt(1).and(r.c2.startsWith('a')))`
      case 2:
        return `  .withColumns((r) => ({ v${step}: upper(r.c2), u${step}: when(r.c5, r.c0).otherwise(0) }))`
      case 3:
        return `  .select((r) => ({ ...r, s${step}: r.c1.times(2), c4: coalesce(r.c4, r.c0) }))`
      case 4:
        return `  .withColumnRenamed('s${step - 1}', 't${step}')`
      default:
        return `  .join(other, 'c0').drop('extra').orderBy((r) => r.t${step - 1}.desc())`
    }
  })
  return `import { coalesce, upper, when } from '${DECLARATIONS}'
import type { DataFrame, Double, Int, Int64 } from '${DECLARATIONS}'
import type { Decimal } from '${DECLARATIONS.replace('sql/dataframe', 'engine/types')}'
interface Wide {
${columns.join('\n')}
}
declare const wide: DataFrame<Wide>
declare const other: DataFrame<{ readonly c0: Int; readonly extra: string }>
declare const used: readonly [typeof coalesce, typeof upper, typeof when, Int64, Double, Decimal]
export const result = wide
${chain.join('\n')}
export const last = [result.collect(), used]
`
}
