import { join } from 'node:path'
import { textFile } from '../data/text-data.ts'
import type { Work } from '../run/measure.ts'
import { chosen, type Suite } from './suite.ts'

/** Bytes of text a record, so that the usual ten million make 1 GB. */
const RECORD_BYTES = 100
const WORD_BYTES = 9.4

/**
 * Functions of the program over records: numbers, and the words of a text (1 GB for ten million). PySpark is
 * the peer.
 */
export const rdd: Suite = async (options) => {
  const { rows, data } = options
  const onlySpark = (request: () => ReturnType<Work['request']>): Work['request'] => {
    return (engine) => (engine === 'millrace' || engine === 'spark' ? request() : null)
  }
  const textBytes = rows * RECORD_BYTES
  const work: Work[] = [
    {
      name: 'map filter reduceByKey',
      rows,
      ordered: false,
      request: onlySpark(() => ({ op: 'numbers', name: 'numbers', records: rows })),
    },
    {
      name: 'word count',
      rows: Math.round(textBytes / WORD_BYTES),
      ordered: false,
      request: onlySpark(() => {
        const path = data === null ? textFile(textBytes) : join(data, 'words.txt')
        return { op: 'wordCount', name: 'wordCount', path }
      }),
    },
  ]
  return [{ name: `rdd ${rows}`, tables: {}, work: chosen(work, options) }]
}
