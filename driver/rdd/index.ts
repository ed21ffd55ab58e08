/**
 * RDDs: lazy partitions of values, computed by functions of the program in worker threads. Start with rdd.ts.
 */
export type { Environment } from './closure.ts'
export { shipFunction } from './closure.ts'
export type { PairRdd, ShuffleOptions } from './pair-rdd.ts'
export { RDD } from './rdd.ts'
export type { With } from './rdd-base.ts'
export { RddContext } from './rdd-context.ts'
export type { ActionOptions, RddCore } from './rdd-runner.ts'
export { insertRdds, type RowsOfRdd } from './rows-of-rdd.ts'
export type { Stats } from './stats.ts'
export { registerUdf, type UdfOptions } from './udf.ts'
