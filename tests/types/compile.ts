import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')

/** Where programs of tests find the package's declarations. */
export const DECLARATIONS = join(ROOT, 'dist/sql/dataframe/index.js')

/** What the compiler says of some files under the options that a strict user has. */
export function compile(files: readonly string[], flags: readonly string[] = []): string {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-types-'))
  try {
    const options = { noEmit: true, composite: false, declaration: false, sourceMap: false, types: [] }
    const config = { extends: join(ROOT, 'tsconfig.base.json'), compilerOptions: options, files }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
    const compiler = join(ROOT, 'node_modules/typescript/bin/tsc')
    const args = [compiler, '-p', folder, '--pretty', 'false', ...flags]
    return spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' }).stdout
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** One error of the compiler: where, and how many lines it takes. */
export interface Diagnostic {
  readonly file: string
  readonly line: number
  readonly text: string
  readonly lineCount: number
}

/** The errors in the compiler's output; lines that are indented belong to the error above. */
export function diagnosticsOf(output: string): Diagnostic[] {
  const diagnostics: Diagnostic[] = []
  for (const line of output.split('\n')) {
    const match = /^(\S.*)\((\d+),\d+\): error (.*)$/.exec(line)
    const last = diagnostics.at(-1)
    if (match !== null)
      diagnostics.push({ file: match[1]!, line: Number(match[2]), text: match[3]!, lineCount: 1 })
    else if (line.startsWith(' ') && last !== undefined)
      diagnostics[diagnostics.length - 1] = {
        ...last,
        text: `${last.text}\n${line}`,
        lineCount: last.lineCount + 1,
      }
  }
  return diagnostics
}
