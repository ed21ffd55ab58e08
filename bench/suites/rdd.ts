import { join } from 'node:path'
import { textFile } from '../data/text-data.ts'
import type { Work } from '../run/measure.ts'
import { chosen, type Suite } from './suite.ts'

const TEXT_BYTES = 1e9
const WORD_BYTES = 7

/** Functions of the program over records: numbers, and the words of a text of 1 GB. PySpark is the peer. */
export const rdd: Suite = async (options) => {
  const { rows, data } = options
  const onlySpark = (request: () => ReturnType<Work['request']>): Work['request'] => {
    return (engine) => (engine === 'millrace' || engine === 'spark' ? request() : null)
  }
  const work: Work[] = [
    {
      name: 'map filter reduceByKey',
      rows,
      ordered: false,
      request: onlySpark(() => ({ op: 'numbers', name: 'numbers', records: rows })),
    },
    {
      name: 'word count',
      rows: Math.round(TEXT_BYTES / WORD_BYTES),
      ordered: false,
      request: onlySpark(() => {
        const path = data === null ? textFile(TEXT_BYTES) : join(data, 'words.txt')
        return { op: 'wordCount', name: 'wordCount', path }
      }),
    },
  ]
  return [{ name: `rdd ${rows}`, tables: {}, work: chosen(work, options) }]
}
