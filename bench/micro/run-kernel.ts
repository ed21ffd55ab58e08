import { MemoryPool } from '../../engine/memory/index.ts'
import { seededRandom } from '../data/text-data.ts'
import { columnKernels } from './column-kernels.ts'
import { formatKernels } from './format-kernels.ts'
import type { Kernel } from './kernel.ts'

const LEAST_MS = 50

/** All kernels that are measured. */
export const kernels: readonly Kernel[] = [...formatKernels, ...columnKernels]

/** Seconds of one run over a kernel's values, on this thread: the mean of as many as fill 50 ms. */
export async function runKernel(name: string): Promise<{ readonly seconds: number; readonly sum: number }> {
  const kernel = kernels.find((one) => one.name === name)
  if (kernel === undefined) throw new Error(`kernel "${name}" does not exist`)
  const pool = MemoryPool.create({ limitBytes: 256 << 20 })
  const random = seededRandom(1)
  const region = pool.createRegion()
  const run = kernel.prepare({ pool, region, below: (limit) => Math.floor(random() * limit) })
  const sum = await run() // What V8 and the processor learn of it, they know from here on.
  const start = performance.now()
  let ms = 0
  let runs = 0
  for (; ms < LEAST_MS; ms = performance.now() - start, runs++) {
    const again = await run()
    if (again !== sum) throw new Error(`kernel "${name}" gives ${again} after ${sum}`)
  }
  region.free()
  return { seconds: ms / 1000 / runs, sum }
}
