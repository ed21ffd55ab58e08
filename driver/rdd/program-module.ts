import { existsSync, readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { dirname, extname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { AnyNode, Node, Program, Token } from 'acorn'
import type { Frame } from './call-frames.ts'
import { acorn, acornWalk, esbuild } from './late-packages.ts'

/** A name that a module imports. `*`: the whole module. */
export interface ImportedName {
  readonly imported: string
  readonly specifier: string
}

/** A stretch of a module's text, from `start` to before `end`. */
export interface TextRange {
  readonly start: number
  readonly end: number
}

/** A module of the program as JavaScript, with its imports as they were written. */
export interface ProgramModule {
  readonly file: string
  readonly text: string
  readonly imports: ReadonlyMap<string, ImportedName>
  readonly tokens: readonly Token[]
  /** Every function expression and declaration, outer before inner. */
  readonly functions: readonly TextRange[]
  /** Where the text at an offset was written. */
  placeOf(offset: number): { readonly file: string; readonly line: number; readonly column: number }
}

const modules = new Map<string, ProgramModule | null>()

/** A module, and the line of it that a frame stands at; 0 if a loader has printed the lines anew. */
export interface FramePlace {
  readonly module: ProgramModule
  readonly line: number
}

/**
 * The module that a frame lies in: the original one, if the frame lies in a bundle. null if it cannot be
 * read.
 */
export function moduleOfFrame(frame: Frame): FramePlace | null {
  const map = isScript(frame.file) ? sourceMapOf(frame.file) : null
  const origin = map === null ? undefined : originOf(map, frame)
  const isBundle = map !== null && map.payload.sources.length > 1
  const file = isBundle && origin !== undefined && existsSync(origin.file) ? origin.file : frame.file
  const module = moduleOf(file)
  if (module === null) return null
  return { module, line: isScript(frame.file) ? (origin?.line ?? frame.line) : 0 }
}

/** The module of a file, TypeScript or JavaScript; null if there is none that can be parsed. */
export function moduleOf(file: string): ProgramModule | null {
  let module = modules.get(file)
  if (module === undefined) {
    module = readModule(file)
    modules.set(file, module)
  }
  return module
}

function readModule(file: string): ProgramModule | null {
  try {
    const source = readFileSync(file, 'utf8')
    if (isScript(file)) return parseModule(file, source, sourceMapOf(file))
    const loader = /\.[jt]sx$/.test(file) ? 'tsx' : 'ts'
    const { code, map } = esbuild().transformSync(source, {
      loader,
      sourcemap: 'external',
      sourcefile: file,
      target: 'esnext',
    })
    return parseModule(file, code, sourceMap(file, map))
  } catch {
    return null // What cannot be read or parsed helps neither to find imports nor lines.
  }
}

function isScript(file: string): boolean {
  return ['.js', '.mjs', '.cjs'].includes(extname(file))
}

interface FileSourceMap {
  readonly file: string
  readonly payload: { readonly sources: readonly string[] }
  readonly map: SourceMap
}

const sourceMaps = new Map<string, FileSourceMap | null>()

function sourceMapOf(file: string): FileSourceMap | null {
  const known = sourceMaps.get(file)
  if (known !== undefined) return known
  const map = readSourceMap(file)
  sourceMaps.set(file, map)
  return map
}

function readSourceMap(file: string): FileSourceMap | null {
  try {
    const text = readFileSync(file, 'utf8')
    const url = /\/\/# sourceMappingURL=(\S+)\s*$/.exec(text)?.[1]
    if (url === undefined) return null
    const data = /^data:[^,]*?(;base64)?,(.*)$/s.exec(url)
    if (data === null)
      return sourceMap(file, readFileSync(resolve(dirname(file), decodeURIComponent(url)), 'utf8'))
    const [, base64, body = ''] = data
    return sourceMap(
      file,
      base64 === undefined ? decodeURIComponent(body) : Buffer.from(body, 'base64').toString('utf8'),
    )
  } catch {
    return null
  }
}

function sourceMap(file: string, json: string): FileSourceMap {
  const payload = JSON.parse(json)
  return { file, payload, map: new SourceMap(payload) }
}

function originOf(map: FileSourceMap, { line, column }: { line: number; column: number }): Frame | undefined {
  const entry = map.map.findEntry(line - 1, column - 1)
  if (!('originalSource' in entry) || typeof entry.originalSource !== 'string') return undefined
  const source = entry.originalSource
  const file = source.startsWith('file:') ? fileURLToPath(source) : resolve(dirname(map.file), source)
  return { file, line: entry.originalLine + 1, column: entry.originalColumn + 1 }
}

function parseModule(file: string, text: string, map: FileSourceMap | null): ProgramModule {
  const tokens: Token[] = []
  const program = acorn().parse(text, {
    ecmaVersion: 'latest',
    sourceType: 'module',
    allowHashBang: true,
    onToken: tokens,
  })
  const functions: TextRange[] = []
  acornWalk().full(program, (node) => {
    if (/^(Function|ArrowFunction)/.test(node.type)) functions.push({ start: node.start, end: node.end })
  })
  functions.sort((a, b) => a.start - b.start || b.end - a.end)
  const lineStarts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lineStarts.push(at + 1)
  return {
    file,
    text,
    imports: importsOf(program),
    tokens: tokens.filter(({ type }) => type.label !== 'eof'),
    functions,
    placeOf(offset) {
      const line = lineStarts.findLastIndex((start) => start <= offset) + 1
      const column = offset - lineStarts[line - 1]! + 1
      return (map === null ? undefined : originOf(map, { line, column })) ?? { file, line, column }
    },
  }
}

function importsOf(program: Program): ReadonlyMap<string, ImportedName> {
  const imports = new Map<string, ImportedName>()
  for (const statement of program.body) {
    if (statement.type !== 'ImportDeclaration') continue
    const specifier = String(statement.source.value)
    for (const each of statement.specifiers)
      imports.set(each.local.name, { imported: importedName(each), specifier })
  }
  return imports
}

function importedName(node: Node): string {
  const specifier = node as AnyNode
  if (specifier.type === 'ImportNamespaceSpecifier') return '*'
  if (specifier.type !== 'ImportSpecifier') return 'default'
  const { imported } = specifier
  return imported.type === 'Identifier' ? imported.name : String(imported.value)
}
