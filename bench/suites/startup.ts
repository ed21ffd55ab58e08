import { join } from 'node:path'
import { tpchFolder } from '../data/tpch-data.ts'
import type { Suite } from './suite.ts'

/**
 * A whole process that answers `select 1`, and the first row of a filter over TPC-H's lineitem (217 MB at
 * scale factor 1) in a session that is warm.
 */
export const startup: Suite = async ({ data, scaleFactor }) => {
  const lineitem = join(data ?? tpchFolder(scaleFactor), 'lineitem.parquet')
  const statements = [{ name: 'select 1', sql: 'select 1' }]
  const sql = "SELECT * FROM lineitem WHERE l_quantity < 2 AND l_shipmode = 'RAIL'"
  return [
    {
      name: 'startup',
      tables: {},
      wholeProcesses: true,
      work: [
        {
          name: 'select 1',
          rows: 1,
          ordered: true,
          request: () => ({ op: 'all', name: 'select 1', statements }),
        },
      ],
    },
    {
      name: 'first row',
      tables: { lineitem },
      work: [
        {
          name: 'first row',
          rows: 1,
          ordered: false,
          request: () => ({ op: 'first', name: 'first row', sql }),
        },
      ],
    },
  ]
}
