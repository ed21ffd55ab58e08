/** Tables by the Delta Lake protocol, on any file system. engine/tables knows the log. */
export { deltaSink } from './delta-sink.ts'
export { deltaSource } from './delta-source.ts'
