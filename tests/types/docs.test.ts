import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { compile, diagnosticsOf } from './compile.ts'

const ROOT = join(import.meta.dirname, '../..')
const IMPORT = /^import \{ (.*) \} from 'millrace'$/gm

test.each(['docs/dataframe.md', 'docs/streaming.md'])('the examples of %s compile', (path) => {
  const guide = readFileSync(join(ROOT, path), 'utf8')
  const blocks = [...guide.matchAll(/```ts\n(.*?)```/gs)].map((match) => match[1]!)
  expect(blocks.length).toBeGreaterThan(0)
  const text = blocks.join('\n')
  const names = new Set([...text.matchAll(IMPORT)].flatMap((match) => match[1]!.split(', ')))
  const program = `import { ${[...names].join(', ')} } from '${join(ROOT, 'dist/driver/index.js')}'
${text.replace(IMPORT, '')}`
  const folder = mkdtempSync(join(tmpdir(), 'millrace-docs-'))
  try {
    const file = join(folder, 'docs.mts')
    writeFileSync(file, program)
    const types = join(ROOT, 'node_modules/@types')
    expect(diagnosticsOf(compile([file], ['--typeRoots', types, '--types', 'node']))).toEqual([])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
