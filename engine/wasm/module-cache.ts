const MAX_MODULES = 512

/** A module, and its function over each memory that it was asked for. */
interface Compiled {
  readonly module: WebAssembly.Module
  readonly runs: WeakMap<WebAssembly.Memory, WasmRun>
}

const modules = new Map<string, Compiled | null>()

/** The exported `run` of a module that works in the arena. */
export type WasmRun = (...args: readonly number[]) => number

/**
 * The function compiled for `key`, from `emit` the first time this thread sees the key. null when `emit` says
 * that it cannot be compiled. Only modules are kept, never data; V8 shares their code among threads.
 */
export function cachedRun(
  key: string,
  memory: WebAssembly.Memory,
  emit: () => Uint8Array | null,
): WasmRun | null {
  let compiled = modules.get(key)
  if (compiled === undefined) {
    const bytes = emit()
    compiled = bytes === null ? null : { module: new WebAssembly.Module(bytes), runs: new WeakMap() }
    if (modules.size >= MAX_MODULES) modules.clear()
    modules.set(key, compiled)
  }
  if (compiled === null) return null
  let run = compiled.runs.get(memory)
  if (run === undefined) {
    const instance = new WebAssembly.Instance(compiled.module, { env: { memory } })
    // Every module of ours exports `run` with numbers in and a number out.
    run = instance.exports['run'] as WasmRun
    compiled.runs.set(memory, run)
  }
  return run
}
