import { chosen, type Suite } from './suite.ts'
import { tpchPart } from './tpch.ts'

/**
 * What processes cost: the queries of TPC-H on a driver and workers of one thread each against the same
 * number of threads in one process; and a job of about a minute that loses a worker in the middle, against a
 * run that loses none.
 */
export const cluster: Suite = async (options) => {
  const workers = options.threads
  const lost = {
    name: 'a worker lost in the middle',
    rows: 1,
    ordered: true,
    request: (engine: string) => ({ op: 'lostWorker', name: 'lostWorker', loses: engine === 'millrace' }),
  }
  const queries = { ...options, queries: options.queries?.filter((name) => name !== lost.name) ?? null }
  const masters = { millrace: `local-cluster[${workers},1]`, local: `local[${workers}]` }
  const isAsked = options.queries?.includes(lost.name) ?? true
  return [
    {
      ...(await tpchPart(queries, options.scaleFactor)),
      name: `cluster tpch sf${options.scaleFactor}`,
      masters,
    },
    {
      name: 'cluster faults',
      tables: {},
      work: isAsked ? chosen([lost], { ...options, queries: null }) : [],
      masters: { millrace: 'local[1]', 'without loss': 'local[1]' },
    },
  ]
}
