import { kernels } from '../micro/run-kernel.ts'
import { chosen, type Suite } from './suite.ts'

/** Single kernels of Millrace on one thread, over values in memory. */
export const micro: Suite = async (options) => {
  const work = kernels.map(({ name, values }) => ({
    name,
    rows: values,
    ordered: true,
    request: (engine: string) => (engine === 'millrace' ? { op: 'kernel', name } : null),
  }))
  return [{ name: 'micro', tables: {}, work: chosen(work, options) }]
}
