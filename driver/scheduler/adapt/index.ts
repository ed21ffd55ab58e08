/**
 * Adaptive execution: when a stage is about to begin, the sizes of what it reads are known, and it may be cut
 * into other tasks. Pure functions from plans and sizes to slices of inputs. Start with adapt-stage.ts.
 */
export * from './adapt-settings.ts'
export * from './adapt-stage.ts'
export * from './switch-join.ts'
