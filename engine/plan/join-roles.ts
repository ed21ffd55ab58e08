import type { JoinType } from './physical-plan.ts'

/** What a join does with rows of its two sides, the kept one (collected) and the streamed one. */
export interface JoinRoles {
  /** Whether the streamed side is the left one. */
  readonly streamIsLeft: boolean
  /** Pairs of rows are given (inner and outer joins). */
  readonly givesPairs: boolean
  /** Streamed rows without a match are given, with NULLs for the other side. */
  readonly streamOuter: boolean
  /** Kept rows without a match are given, with NULLs for the other side. */
  readonly keptOuter: boolean
  /**
   * Only left rows are given, for having a match (semi), for having none (anti), or with a flag
   * (existence).
   */
  readonly filter: 'semi' | 'anti' | 'existence' | null
}

/** The roles for a join type when one side is kept. nullAwareAnti counts as anti here. */
export function joinRoles(joinType: JoinType, kept: 'left' | 'right'): JoinRoles {
  const streamIsLeft = kept === 'right'
  const outer = (side: 'left' | 'right') => joinType === side || joinType === 'full'
  const filter =
    joinType === 'semi' || joinType === 'existence'
      ? joinType
      : joinType === 'anti' || joinType === 'nullAwareAnti'
        ? 'anti'
        : null
  return {
    streamIsLeft,
    givesPairs: filter === null,
    streamOuter: outer(streamIsLeft ? 'left' : 'right'),
    keptOuter: outer(kept),
    filter,
  }
}

/** Whether a join has to know which rows of the kept side found a match. */
export function needsMarks(joinType: JoinType, kept: 'left' | 'right'): boolean {
  const { keptOuter, filter, streamIsLeft } = joinRoles(joinType, kept)
  return keptOuter || (filter !== null && !streamIsLeft)
}
