/**
 * Tables by the Delta Lake protocol: a folder of data files, and a log whose numbered commits say which of
 * them count. What is here reads and adds to the log; data files are the connectors' matter. Start with
 * table-log.ts. https://github.com/delta-io/delta/blob/master/PROTOCOL.md
 */
export * from './actions.ts'
export { formatSparkSchema } from './spark-schema.ts'
export * from './table-log.ts'
export * from './table-protocol.ts'
