import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { EngineError } from '../errors.ts'

/** What has a memory of its own: the pool. */
export interface KernelHost {
  readonly memory: WebAssembly.Memory
}

let compiled: WebAssembly.Module | null = null
const instances = new WeakMap<WebAssembly.Memory, object>()

/**
 * The kernels over the arena of a pool, one instance a thread and memory. `Family` is the interface of the
 * functions that a door uses; `engine/kernels/assembly` has them. Results that are addresses or sizes may
 * come as negative numbers: doors take them `>>> 0`.
 */
export function kernelsOf<Family extends object>({ memory }: KernelHost): Family {
  let exports = instances.get(memory)
  if (exports === undefined) {
    compiled ??= new WebAssembly.Module(readFileSync(moduleFile()))
    exports = new WebAssembly.Instance(compiled, { env: { memory } }).exports
    instances.set(memory, exports)
  }
  // The names and types of the exports are those of the AssemblyScript sources; tests call every one.
  return exports as unknown as Family
}

/** The built module, also when this file itself runs from its TypeScript source. */
function moduleFile(): string {
  const here = fileURLToPath(new URL('./kernels.wasm', import.meta.url))
  if (existsSync(here)) return here
  const built = fileURLToPath(new URL('../../dist/engine/kernels/kernels.wasm', import.meta.url))
  if (existsSync(built)) return built
  throw new EngineError('INTERNAL_ERROR', `the kernels "${here}" are missing`, {
    hint: 'Build the package first: npm run build.',
  })
}
