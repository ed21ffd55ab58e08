import { relative } from 'node:path'
import { EngineError } from '../../engine/errors.ts'
import { packValue, type ShippedFunction, type ShippedImport } from '../../engine/user-code/index.ts'
import { requestModule } from './bundle-imports.ts'
import { callFrames, type Frame } from './call-frames.ts'
import { findFunction } from './find-function.ts'
import { type FreeVariable, freeVariables } from './free-variables.ts'
import { moduleOfFrame, type ProgramModule, type TextRange } from './program-module.ts'

/** A function of the program, whatever its arguments. */
export type AnyFunction = (...args: never[]) => unknown

/** Values that a function may use in the threads: plain data, or functions that travel in the same way. */
export type Environment = Readonly<Record<string, unknown>>

let lastFunctionId = 0

/**
 * A function of the program, ready to travel. Its free variables may be globals of JavaScript and Node, names
 * of `given`, and imports of the module it is written in. CLOSURE_CAPTURE names any other one, its line and
 * the cure.
 */
export function shipFunction(fn: AnyFunction, method: string, given?: Environment): ShippedFunction {
  const frames = callFrames()
  const name = frames[0] === undefined ? method : `${method} at ${shown(placeOfFrame(frames[0]))}`
  return ship(fn, { method, name, frames, given: given ?? null, known: new Set(Object.keys(given ?? {})) })
}

interface Request {
  readonly method: string
  readonly name: string
  readonly frames: readonly Frame[]
  readonly given: Environment | null
  /** Names that the function will find in the threads. */
  readonly known: ReadonlySet<string>
}

function ship(fn: AnyFunction, request: Request): ShippedFunction {
  const { given } = request
  if (typeof fn !== 'function')
    throw new EngineError('INVALID_ARGUMENT', `${request.method} needs a function, not ${typeof fn}`)
  checkSynchronous(fn, request)
  const builtIn = builtInName(fn)
  const found = builtIn === null ? locate(fn, request) : null
  const source = builtIn ?? (found === null ? sourceOf(fn) : found.source)
  const functions: Record<string, ShippedFunction> = {}
  const captured: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(given ?? {})) {
    if (typeof value === 'function') functions[key] = ship(value as AnyFunction, { ...request, given: null })
    else captured[key] = cloneable(value, key, request)
  }
  const imports: ShippedImport[] = found?.imports ?? []
  const base = {
    source,
    functions,
    imports: [...imports],
    place: found?.place ?? null,
    name: nameOf(request, found),
  }
  const shipped = { functionId: `f${++lastFunctionId}`, captured: given === null ? null : captured, ...base }
  if (found?.isImport === true || builtIn !== null) return shipped
  resolveNames(fn, source, found, request, base.imports)
  return shipped
}

/** Every free variable is an import, or known, or an error. */
function resolveNames(
  fn: AnyFunction,
  source: string,
  found: Located | null,
  request: Request,
  imports: ShippedImport[],
): void {
  for (const variable of parsed(source, request)) {
    const { name } = variable
    if (request.known.has(name)) continue
    const imported = found?.module.imports.get(name)
    if (imported !== undefined) {
      const moduleId = requestModule({ specifier: imported.specifier, importer: found!.module.file })
      imports.push({ local: name, imported: imported.imported, moduleId })
    } else if (!isGlobal(name)) throw captureError(fn, variable, found, request)
  }
}

function parsed(source: string, { name }: Request): readonly FreeVariable[] {
  try {
    return freeVariables(source)
  } catch (cause) {
    throw new EngineError(
      'UNSUPPORTED_FEATURE',
      `the function of ${name} cannot travel: its text is no expression`,
      {
        cause,
        hint: 'Pass an arrow function or a function declaration.',
      },
    )
  }
}

/** The method and where its function stands. */
function nameOf({ method, name }: Request, found: Located | null): string {
  const place = found?.place
  return place == null
    ? name
    : `${method} at ${shown({ file: place.file, line: place.lines[0] ?? 1, column: 1 })}`
}

interface Located {
  readonly module: ProgramModule
  readonly range: TextRange | null
  readonly source: string
  readonly place: ShippedFunction['place']
  /** The function is itself an import of the module. */
  readonly isImport: boolean
  readonly imports?: ShippedImport[]
}

/** The function in a module of the program: one of those that called us, or one they import. */
function locate(fn: AnyFunction, { frames }: Request): Located | null {
  const text = sourceOf(fn)
  const places = frames.map(moduleOfFrame).filter((place) => place !== null)
  for (const { module, line } of places) {
    const range = safely(() => findFunction(text, module, line))
    if (range !== null) return located(module, range, text)
  }
  for (const { module } of places) {
    const [local, imported] =
      [...module.imports].find(([key, each]) => fn.name !== '' && [key, each.imported].includes(fn.name)) ??
      []
    if (local === undefined || imported === undefined) continue
    const moduleId = requestModule({ specifier: imported.specifier, importer: module.file })
    const imports = [{ local, imported: imported.imported, moduleId }]
    return { module, range: null, source: local, place: null, isImport: true, imports }
  }
  return null
}

function located(module: ProgramModule, range: TextRange, text: string): Located {
  const own = module.text.slice(range.start, range.end)
  const lines: number[] = []
  let offset = range.start
  for (const line of own.split('\n')) {
    const indent = line.length - line.trimStart().length
    lines.push(module.placeOf(offset + indent).line)
    offset += line.length + 1
  }
  const place = { file: module.placeOf(range.start).file, lines }
  return { module, range, source: isMethod(own) ? asFunction(text) : own, place, isImport: false }
}

function safely<T>(find: () => T | null): T | null {
  try {
    return find()
  } catch {
    return null
  }
}

/** The text of a function as an expression. */
function sourceOf(fn: AnyFunction): string {
  const text = Function.prototype.toString.call(fn)
  return isMethod(text) ? asFunction(text) : text
}

/** Methods of objects print without the word `function`. */
function isMethod(text: string): boolean {
  return !/^(async\b|function\b|class\b|\(|[\w$]+\s*=>)/.test(text)
}

function asFunction(text: string): string {
  return `Object.values({ ${text} })[0]`
}

function checkSynchronous(fn: AnyFunction, { name }: Request): void {
  const kind = fn.constructor.name
  if (kind !== 'AsyncFunction' && kind !== 'AsyncGeneratorFunction') return
  throw new EngineError(
    'UNSUPPORTED_FEATURE',
    `the function of ${name} is async, but functions run synchronously`,
    {
      hint: 'Fetch what it needs before, and pass it with { with: { … } }.',
    },
  )
}

const NAMESPACES = [
  '',
  'Math',
  'Number',
  'String',
  'JSON',
  'Object',
  'Array',
  'BigInt',
  'Date',
  'Reflect',
  'Symbol',
  'Promise',
]

/** The name of a function of JavaScript itself, such as `Math.sqrt`; null for others. */
function builtInName(fn: AnyFunction): string | null {
  if (!/\{\s*\[native code\]\s*\}\s*$/.test(Function.prototype.toString.call(fn))) return null
  for (const space of NAMESPACES) {
    const holder = space === '' ? globalThis : (globalThis as Readonly<Record<string, unknown>>)[space]
    const owned = (holder as Readonly<Record<string, unknown>>)[fn.name]
    if (owned === fn) return space === '' ? fn.name : `${space}.${fn.name}`
  }
  throw new EngineError('UNSUPPORTED_FEATURE', `function "${fn.name}" has no text, so it cannot travel`, {
    hint: 'Wrap it in an arrow function; bound functions and methods of native objects stay behind.',
  })
}

function isGlobal(name: string): boolean {
  return GLOBALS.has(name) && !TEST_GLOBALS.has(name)
}

/** What there was before the program added to it: threads have the same. */
const GLOBALS = new Set([...Object.getOwnPropertyNames(globalThis), 'undefined', 'arguments', '__name'])

/** Globals that test runners add to their own threads only. */
const TEST_GLOBALS = new Set(['describe', 'it', 'test', 'expect', 'vi', 'beforeEach', 'afterEach'])

function cloneable(value: unknown, name: string, request: Request): unknown {
  try {
    return packValue(value)
  } catch (cause) {
    throw new EngineError(
      'CLOSURE_CAPTURE',
      `value "${name}" given to ${request.name} cannot be copied to the threads`,
      {
        cause,
        hint: 'Pass plain data, or functions as values of their own.',
      },
    )
  }
}

function captureError(
  fn: AnyFunction,
  variable: FreeVariable,
  found: Located | null,
  request: Request,
): EngineError {
  const { name } = variable
  const isThis = name === 'this' || name === 'import.meta'
  const place = found?.range == null ? undefined : placeIn(found, variable)
  const frame = request.frames[0]
  const at = place ?? (frame === undefined ? undefined : placeOfFrame(frame))
  const where = at === undefined ? '' : ` (${shown(at)})`
  const text = isThis ? `"${name}"` : `variable "${name}"`
  const what =
    fn.name === '' || fn.name === name
      ? `the function of ${request.method}`
      : `function "${fn.name}" of ${request.method}`
  return new EngineError(
    'CLOSURE_CAPTURE',
    `${what} uses ${text}, which worker threads do not have${where}`,
    {
      hint: isThis
        ? 'Copy what it needs into a variable and pass that with { with: { … } }.'
        : `Pass it: ${request.method}(fn, { with: { ${name} } }).`,
      position: at,
    },
  )
}

function placeIn({ module, range, source }: Located, { start }: FreeVariable): Frame {
  const exact = module.text.startsWith(source, range!.start)
  return module.placeOf(range!.start + (exact ? start : 0))
}

/** The frame before it was compiled or bundled, as well as it is known. */
function placeOfFrame(frame: Frame): Frame {
  const place = moduleOfFrame(frame)
  if (place === null || place.line === 0) return frame
  return { file: place.module.placeOf(0).file, line: place.line, column: frame.column }
}

function shown({ file, line }: Frame): string {
  const name = relative(process.cwd(), file)
  return `${name.startsWith('..') ? file : name}:${line}`
}
