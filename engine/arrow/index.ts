/** Tables of the package apache-arrow, in and out. Start with to-arrow.ts. */
export type { Table as ArrowTable } from 'apache-arrow'
export { fromArrow } from './from-arrow.ts'
export { toArrow } from './to-arrow.ts'
export { ArrowFileWriter, type ArrowSink } from './write-file.ts'
