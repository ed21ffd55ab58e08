/**
 * Kafka as a source of tables and streams, on connections of our own: fetched bytes become columns without an
 * object a record. From the bytes up: wire.ts, connection.ts, cluster.ts (metadata and offsets),
 * batch-headers.ts, record-runs.ts, range-reader.ts, kafka-source.ts.
 */
export { kafkaSource } from './kafka-source.ts'
