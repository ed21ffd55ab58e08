/** A test of a scan's rows by the keys of a join's table, which is built before the scan begins. */
export interface RuntimeFilter {
  /** The JoinBuildExec, by id; 0 in a stage, which names the stage of the table instead. */
  readonly build: number
  readonly stageId: number | null
  /** Which key of the table. */
  readonly key: number
  /** Which of the request's columns is tested. */
  readonly column: number
  /** The part of the rows that is thought to pass, 0 to 1. */
  readonly passing: number
}
