import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { checkSources } from './tidy/check-sources.ts'
import type { Fault, SourceFile } from './tidy/fault.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const SKIPPED = /^(?:\.[^/]*|node_modules|dist|coverage|data|retail-out)$/
/** Data of tests, and code that a tool made of other sources. */
const NOT_OURS = /^(?:samples|generated)$/
const CHECKED = /\.(?:ts|mjs|slt)$/

/** All sources and tests, as git would have them: what is ignored is left out. */
function readSources(folder = ''): SourceFile[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory())
      return SKIPPED.test(entry.name) || NOT_OURS.test(entry.name) ? [] : readSources(path)
    return CHECKED.test(entry.name) ? [{ path, text: readFileSync(join(root, path), 'utf8') }] : []
  })
}

function print({ path, line, rule, message }: Fault): string {
  return `${path}${line === 0 ? '' : `:${line}`} [${rule}] ${message}`
}

test('every file, folder and import follows the layer map and the style', () => {
  const files = readSources()
  expect(files.length).toBeGreaterThan(10)
  const faults = checkSources(files).map(print)
  expect(faults, `${faults.length} faults, see STYLE.md and tests/tidy/layer-map.ts`).toEqual([])
})

const door = (folder: string): SourceFile => ({ path: `${folder}/index.ts`, text: '/** Door. */\n' })

/**
 * A file that breaks one rule, and what the fault must say. The doors of both sides are there, so nothing
 * else is wrong.
 */
const PLANTED: readonly (readonly [name: string, path: string, text: string, expected: RegExp])[] = [
  [
    'engine imports sql',
    'engine/plan/x.ts',
    "import { a } from '../../sql/plan/index.ts'",
    /may not import sql/,
  ],
  [
    'an import to the right',
    'engine/types/x.ts',
    "import { a } from '../batch/index.ts'",
    /not left of types/,
  ],
  [
    'a dynamic import to the right',
    'engine/types/x.ts',
    "void import('../batch/index.ts')",
    /not left of types/,
  ],
  ['a re-export to the right', 'engine/types/x.ts', "export * from '../batch/index.ts'", /not left of types/],
  ['strangers in one layer', 'sql/parser/x.ts', "import '../catalog/index.ts'", /not left of parser/],
  [
    'a type import to the right',
    'sql/parser/x.ts',
    "import type { a } from '../plan/index.ts'",
    /not left of/,
  ],
  ['past the door', 'engine/batch/x.ts', "import { a } from '../types/schema.ts'", /past the door/],
  [
    'past the door of a part',
    'sql/plan/x.ts',
    "import { a } from '../../engine/types/schema.ts'",
    /past the door/,
  ],
  [
    'sources import tests',
    'engine/batch/x.ts',
    "import { a } from '../../tests/x.ts'",
    /nothing imports tests/,
  ],
  ['an example imports inside', 'examples/x.ts', "import { a } from '../driver/index.ts'", /by its name/],
  ['an unknown package', 'engine/batch/x.ts', "import { a } from 'left-pad'", /docs\/decisions/],
  ['a package out of place', 'engine/batch/x.ts', "import { a } from 'apache-arrow'", /engine\/arrow/],
  ['an unknown top folder', 'extras/x.ts', '', /folder "extras" is absent/],
  ['an unknown second folder', 'engine/magic/x.ts', '', /folder "engine\/magic" is absent/],
  ['an unknown file beside folders', 'driver/magic.ts', '', /file "driver\/magic.ts" is absent/],
  ['a file name that is not kebab-case', 'engine/batch/fooBar.ts', '', /not kebab-case/],
  ['a name without a concept', 'engine/batch/utils.ts', '', /names no concept/],
  ['a file called types', 'engine/batch/types.ts', '', /names no concept/],
  ['a long file', 'engine/batch/x.ts', 'let a\n'.repeat(301), /301 lines/],
  ['a long line', 'engine/batch/x.ts', `// ${'word '.repeat(30)}`, /columns/],
  ['a TODO without an issue', 'engine/batch/x.ts', '// TODO later', /issue number/],
  ['code commented out', 'engine/batch/x.ts', '// const a = b(1)', /commented out/],
  ['a call commented out', 'engine/batch/x.ts', '// batch.select(rows)', /commented out/],
  ['a licence header', 'engine/batch/x.ts', '// Copyright 2020', /LICENSE/],
]

const DOORS = ['batch', 'plan', 'types', 'magic'].map((folder) => door(`engine/${folder}`))
const OTHER_DOORS = ['sql/parser', 'sql/catalog', 'sql/plan'].map(door)

describe('a planted fault is caught', () => {
  test.each(PLANTED)('%s', (_name, path, text, expected) => {
    const doors = [...DOORS, ...OTHER_DOORS].filter((file) => file.path !== 'engine/magic/index.ts')
    const faults = checkSources([...doors, { path, text }])
    expect(faults.filter((fault) => expected.test(fault.message)).length).toBeGreaterThan(0)
    expect(faults.every((fault) => fault.path === path || fault.rule === 'doors')).toBe(true)
  })

  test('a folder without a door, and a door without a comment', () => {
    expect(checkSources([{ path: 'engine/batch/x.ts', text: '' }]).map(print)).toEqual([
      'engine/batch/index.ts [doors] folder "engine/batch" has no index.ts',
    ])
    const [fault] = checkSources([{ path: 'engine/batch/index.ts', text: 'export const a = 1\n' }])
    expect(fault?.message).toContain('opens with a doc comment')
  })
})

describe('what follows the rules is left alone', () => {
  test.each([
    ['an import to the left through the door', "import { a } from '../types/index.ts'"],
    ['the errors, which stand left of all', "import { a } from '../errors.ts'"],
    ['a file of the same folder', "import { a } from './y.ts'"],
    [
      'an import inside a comment',
      "// The rest is in '../run/index.ts', see import('../run/index.ts') there.",
    ],
    ['an import inside a template', "const a = `\nimport { b } from '../run/index.ts'\n`"],
    [
      'a quote inside a regular expression',
      'const a = /[\'"`]/\n// A sentence (with a call(x) inside) stays a sentence.',
    ],
    ['a TODO with an issue', '// TODO(#12): remove when Node 20 is gone.'],
  ])('%s', (_name, text) => {
    expect(checkSources([...DOORS.slice(0, 3), { path: 'engine/batch/x.ts', text }]).map(print)).toEqual([])
  })
})
