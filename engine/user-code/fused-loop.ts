import { runInThisContext } from 'node:vm'
import { isTrue, iterableOf } from './call-function.ts'
import type { KeyTable } from './key-table.ts'
import { keyOfPair } from './program-writer.ts'
import type { LoadedFunction } from './shipped-function.ts'
import { userError } from './user-error.ts'

/** A step that looks at one value at a time, with the function it calls. */
export type LoopStep =
  | {
      readonly kind: 'map' | 'filter' | 'flatMap' | 'mapValues' | 'flatMapValues' | 'keyBy' | 'foreach'
      readonly fn: LoadedFunction
    }
  | { readonly kind: 'keys' | 'values' | 'pairWithItself' | 'pairWithOne' | 'pairWithNull' }
  /** Pairs go into a table: the first value of a key through `first`, if there is one, others by `merge`. */
  | {
      readonly kind: 'combine'
      readonly first: LoadedFunction | null
      /** Takes the first value of a key. */
      readonly begin: (value: unknown) => unknown
      readonly merge: LoadedFunction | 'add' | 'first'
    }

/** Where a loop puts what comes out of it: an array, or after `combine` a table. */
export interface LoopOutput {
  readonly values: unknown[]
  readonly table: KeyTable
}

/** Takes values through all steps. */
export type FusedLoop = (values: readonly unknown[], output: LoopOutput) => void

/** Loops that a thread keeps, so that V8's optimized code serves all tasks of a program. */
const KEPT_LOOPS = 200
const kept = new Map<string, { readonly functions: readonly LoadedFunction[]; readonly loop: FusedLoop }>()

/**
 * The steps as one function with one loop, in which V8 can put the functions of the program in place of their
 * calls: then nothing is allocated between steps, and a pair that goes into a table is never made. `combine`
 * stands last. For `map(f).filter(g).flatMap(h)`:
 *
 * ```js
 * for (let i = 0; i < values.length; i++) {
 *   const v0 = values[i]
 *   at = 0; const v1 = f(v0)
 *   at = 1; if (!isTrue(g(v1))) continue
 *   at = 2; const all2 = arrayOf(h(v1))
 *   for (let i2 = 0; i2 < all2.length; i2++) { const v2 = all2[i2]; out.push(v2) }
 * }
 * ```
 */
export function fusedLoop(steps: readonly LoopStep[]): FusedLoop {
  const functions = steps.flatMap(functionsOf)
  const key = steps.map((step) => `${step.kind}:${nameOf(step)}`).join(' ')
  const known = kept.get(key)
  if (known?.functions.every((fn, index) => fn === functions[index]) === true) return known.loop
  const loop = compileLoop(steps, functions)
  if (kept.size >= KEPT_LOOPS) kept.clear()
  kept.set(key, { functions, loop })
  return loop
}

function functionsOf(step: LoopStep): LoadedFunction[] {
  if ('fn' in step) return [step.fn]
  if (step.kind !== 'combine') return []
  const merge = typeof step.merge === 'string' ? [] : [step.merge]
  return step.first === null ? merge : [step.first, ...merge]
}

function nameOf(step: LoopStep): string {
  const ids = functionsOf(step).map(({ shipped }) => shipped.functionId)
  return step.kind === 'combine' && typeof step.merge === 'string' ? [...ids, step.merge].join() : ids.join()
}

let loopCount = 0

function compileLoop(steps: readonly LoopStep[], functions: readonly LoadedFunction[]): FusedLoop {
  const writer = new LoopWriter(functions)
  for (const step of steps) writer.add(step)
  const parameters = functions.flatMap((_, index) => [`f${index}`, `e${index}`])
  const names = ['arrayOf', 'isTrue', 'keyOfPair', 'valueOfPair', 'begin', 'failure']
  // The number makes each text another one for V8, so that loops do not share what it learns of their calls.
  const number = ++loopCount
  const script = `(function (${[...names, ...parameters].join(', ')}) { "use strict"
return function loop${number}(values, output) {
const out = output.values, table = output.table, held = table.values
let at = 0
try {
for (let i = 0; i < values.length; i++) {
const v0 = values[i]
${writer.body()}
}
} catch (error) { throw failure(error, at) }
} })`
  const make = runInThisContext(script, { filename: `millrace-loop-${number}` })
  const combine = steps.find((step) => step.kind === 'combine')
  const failure = (error: unknown, at: number): unknown => {
    const fn = functions[at]
    return fn === undefined ? error : userError(error, fn)
  }
  const given = [arrayOf, isTrue, keyOfPair, valueOfPair, combine?.begin, failure]
  // What the script above evaluates to.
  const factory = make as (...values: readonly unknown[]) => FusedLoop
  return factory(...given, ...functions.flatMap(({ call, env }) => [call, env]))
}

/** Writes the text of one loop's body, step by step. */
class LoopWriter {
  readonly #functions: readonly LoadedFunction[]
  readonly #lines: string[] = []
  #value = 0
  #function = 0
  #braces = 0
  #isOpen = true

  constructor(functions: readonly LoadedFunction[]) {
    this.#functions = functions
  }

  body(): string {
    const end = this.#isOpen ? [`out.push(v${this.#value})`] : []
    return [...this.#lines, ...end, '}'.repeat(this.#braces)].join('\n')
  }

  add(step: LoopStep): void {
    const v = `v${this.#value}`
    switch (step.kind) {
      case 'map':
        return this.#let(this.#call(v))
      case 'filter': {
        this.#lines.push(`const keep${this.#function} = ${this.#call(v)}`)
        const keep = `keep${this.#function - 1}`
        this.#lines.push(`if (${keep} !== true && (${keep} === false || !isTrue(${keep}))) continue`)
        return
      }
      case 'flatMap':
        return this.#each(this.#call(v))
      case 'mapValues':
        return this.#let(`[keyOfPair(${v}), ${this.#call(`${v}[1]`)}]`)
      case 'flatMapValues':
        this.#lines.push(`const key${this.#value} = keyOfPair(${v})`)
        this.#each(this.#call(`${v}[1]`))
        return this.#let(`[key${this.#value - 1}, v${this.#value}]`)
      case 'keyBy':
        return this.#let(`[${this.#call(v)}, ${v}]`)
      case 'foreach':
        this.#lines.push(`void ${this.#call(v)}`)
        this.#isOpen = false
        return
      case 'keys':
        return this.#let(`keyOfPair(${v})`)
      case 'values':
        return this.#let(`valueOfPair(${v})`)
      case 'pairWithItself':
        return this.#let(`[${v}, ${v}]`)
      case 'pairWithOne':
        return this.#let(`[${v}, 1]`)
      case 'pairWithNull':
        return this.#let(`[${v}, null]`)
      case 'combine':
        return this.#combine(step, v)
    }
  }

  #combine(step: LoopStep & { readonly kind: 'combine' }, v: string): void {
    const first = step.first === null ? '' : `at = ${this.#function++}; `
    this.#lines.push(
      `const key = keyOfPair(${v})`,
      'const index = table.indexOf(key)',
      `if (index < 0) { ${first}table.add(key, begin(${v}[1])) }`,
    )
    if (step.merge === 'add') this.#lines.push(`else held[index] += ${v}[1]`)
    else if (step.merge !== 'first') {
      const index = this.#function
      this.#lines.push(`else { at = ${index}; held[index] = ${this.#text(`held[index], ${v}[1]`)} }`)
    }
    this.#isOpen = false
  }

  /** A new value. */
  #let(expression: string): void {
    this.#lines.push(`const v${++this.#value} = ${expression}`)
  }

  /** The values of an iterable, one at a time, in a loop that lasts to the end of the body. */
  #each(expression: string): void {
    const n = ++this.#value
    this.#lines.push(
      `const all${n} = arrayOf(${expression})`,
      `for (let i${n} = 0; i${n} < all${n}.length; i${n}++) {`,
      `const v${n} = all${n}[i${n}]`,
    )
    this.#braces++
  }

  /** A call of the next function, which is noted for its errors. */
  #call(args: string): string {
    const index = this.#function
    return `(at = ${index}, ${this.#text(args)})`
  }

  #text(args: string): string {
    const index = this.#function++
    return this.#functions[index]!.env === undefined ? `f${index}(${args})` : `f${index}(${args}, e${index})`
  }
}

function arrayOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : Array.from(iterableOf(value))
}

function valueOfPair(pair: unknown): unknown {
  keyOfPair(pair)
  return (pair as readonly unknown[])[1]
}
