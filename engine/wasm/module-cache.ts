const MAX_MODULES = 512

const modules = new Map<string, WebAssembly.Module | null>()

/** The exported `run` of a module that works in the arena. */
export type WasmRun = (...args: readonly number[]) => number

/**
 * The function compiled for `key`, from `emit` the first time this thread sees the key. null when `emit` says
 * that it cannot be compiled. Only modules are kept, never data.
 */
export function cachedRun(
  key: string,
  memory: WebAssembly.Memory,
  emit: () => Uint8Array | null,
): WasmRun | null {
  let module = modules.get(key)
  if (module === undefined) {
    const bytes = emit()
    module = bytes === null ? null : new WebAssembly.Module(bytes)
    if (modules.size >= MAX_MODULES) modules.clear()
    modules.set(key, module)
  }
  if (module === null) return null
  return new WebAssembly.Instance(module, { env: { memory } }).exports['run'] as WasmRun
}
