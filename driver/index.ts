/** The package's public door: what `import … from 'millrace'` gives. */
export { EngineError, type ErrorClass, type ErrorCode, type ErrorPosition } from '../engine/errors.ts'
export {
  DayTimeInterval,
  Decimal,
  LocalDate,
  LocalTimestamp,
  MonthInterval,
  Timestamp,
} from '../engine/types/index.ts'
export * from '../sql/dataframe/index.ts'
export { type ActionOptions, type PairRdd, RDD, type Stats, type UdfOptions } from './rdd/index.ts'
export { Session, type SessionOptions } from './session.ts'
