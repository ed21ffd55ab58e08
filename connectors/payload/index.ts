/**
 * What sources of records (the embedded log, Kafka) share: records as they were fetched become columns,
 * without an object a record; what cannot be read goes to dead letters. Start with record-batch.ts and
 * json-payload.ts.
 */
export * from './dead-letters.ts'
export * from './json-payload.ts'
export type * from './record-batch.ts'
export * from './record-rows.ts'
