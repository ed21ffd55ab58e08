import { runInThisContext } from 'node:vm'
import type { RecordBatch } from '../batch/index.ts'
import { EngineError } from '../errors.ts'
import { unpackValue } from './chunk-codec.ts'
import { runProgram, type UserTask, type UserThread } from './run-program.ts'
import type { LoadedFunction, ShippedFunction, ShippedModule } from './shipped-function.ts'
import { scriptName, userError } from './user-error.ts'
import type { UserProgram } from './user-program.ts'

/** A function of the user's program, in a worker thread. */
export type UserFunction = (...args: readonly unknown[]) => unknown

/** Functions of programs that a thread keeps compiled. */
const KEPT_FUNCTIONS = 1000

/** The functions and modules that were shipped to this thread. */
export class UserCodeHost {
  readonly #registered = new Map<string, ShippedFunction>()
  readonly #callable = new Map<string, UserFunction>()
  readonly #loaded = new Map<string, LoadedFunction>()
  readonly #modules = new Map<string, ShippedModule>()
  readonly #namespaces = new Map<string, Readonly<Record<string, unknown>>>()

  readonly #values: Pick<UserThread, 'rowReader' | 'fromPublic'>

  constructor(values: Pick<UserThread, 'rowReader' | 'fromPublic'>) {
    this.#values = values
  }

  /** Takes a function that queries call by its id. */
  addFunction(fn: ShippedFunction): void {
    this.#registered.set(fn.functionId, fn)
    this.#callable.delete(fn.functionId)
  }

  /** Takes a module that functions import. */
  addModule(module: ShippedModule): void {
    this.#modules.set(module.moduleId, module)
  }

  /** Imports the modules of all registered functions; before a task that may call them. */
  async ready(): Promise<void> {
    for (const [functionId, fn] of this.#registered) {
      if (this.#callable.has(functionId)) continue
      const loaded = await this.#load(fn)
      const { call, env } = loaded
      this.#callable.set(functionId, (...args) => {
        try {
          return env === undefined ? call(...args) : call(...args, env)
        } catch (error) {
          throw userError(error, loaded)
        }
      })
    }
  }

  /** A registered function. */
  functionOf(functionId: string): UserFunction {
    const found = this.#callable.get(functionId)
    if (found === undefined)
      throw new EngineError('INTERNAL_ERROR', `user function ${functionId} was not shipped to this thread`)
    return found
  }

  /** Runs an RDD program over one partition. */
  run(
    program: unknown,
    input: AsyncIterable<RecordBatch> | null,
    task: UserTask,
  ): AsyncIterable<RecordBatch> {
    const load = (fn: ShippedFunction): Promise<LoadedFunction> => this.#load(fn)
    return runProgram(program as UserProgram, input, task, { load, ...this.#values })
  }

  async #load(fn: ShippedFunction): Promise<LoadedFunction> {
    const known = this.#loaded.get(fn.functionId)
    if (known !== undefined) return known
    for (const { moduleId } of fn.imports) await this.#import(moduleId)
    for (const inner of Object.values(fn.functions))
      for (const { moduleId } of inner.imports) await this.#import(moduleId)
    const loaded = this.#compile(fn)
    if (this.#loaded.size >= KEPT_FUNCTIONS) this.#loaded.clear()
    this.#loaded.set(fn.functionId, loaded)
    return loaded
  }

  async #import(moduleId: string): Promise<void> {
    if (this.#namespaces.has(moduleId)) return
    const module = this.#modules.get(moduleId)
    if (module === undefined)
      throw new EngineError('INTERNAL_ERROR', `module ${moduleId} was not shipped to this thread`)
    const url = `data:text/javascript;base64,${Buffer.from(module.source).toString('base64')}`
    try {
      this.#namespaces.set(moduleId, (await import(url)) as Readonly<Record<string, unknown>>)
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new EngineError(
        'USER_CODE_FAILED',
        `an import of the program failed in a worker thread: ${reason}`,
        { cause },
      )
    }
  }

  /** Functions given by name may call each other, so they are put in place before any is compiled. */
  #compile(fn: ShippedFunction): LoadedFunction {
    const env: Record<string, unknown> = {}
    for (const [name, value] of Object.entries(fn.captured ?? {})) env[name] = unpackValue(value)
    const compiled: Record<string, UserFunction> = {}
    for (const name of Object.keys(fn.functions))
      env[name] = (...args: readonly unknown[]) => compiled[name]!(...args)
    for (const [name, inner] of Object.entries(fn.functions)) compiled[name] = this.#evaluate(inner, env)
    return { shipped: fn, call: this.#evaluate(fn, env), env: fn.captured === null ? undefined : env }
  }

  /** The text becomes a function whose free variables are parameters around it, on the same first line. */
  #evaluate(fn: ShippedFunction, env: Readonly<Record<string, unknown>>): UserFunction {
    const scope: Record<string, unknown> = { __name: keepName, ...env }
    for (const { local, imported, moduleId } of fn.imports) {
      const namespace = this.#namespaces.get(moduleId)!
      scope[local] = imported === '*' ? namespace : namespace[imported]
    }
    const script = `(function (${Object.keys(scope).join(', ')}) { "use strict"; return (${fn.source}\n) })`
    const make = runInThisContext(script, { filename: scriptName(fn.functionId) })
    return (make as (...values: readonly unknown[]) => UserFunction)(...Object.values(scope))
  }
}

/** What esbuild calls to keep the name of a function; the text of a function may hold such calls. */
function keepName<F>(fn: F): F {
  return fn
}
