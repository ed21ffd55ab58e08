/**
 * What tasks left, for later stages: in this process (output-store.ts), served to others (block-service.ts),
 * and fetched from others (fetch-inputs.ts). Nothing here knows of plans or schedules. Start with
 * output-store.ts.
 */
export * from './block-fetcher.ts'
export * from './block-service.ts'
export { FetchFailedError } from './fetch-error.ts'
export * from './fetch-inputs.ts'
export type { BlockHolder, FetchedInputs, FetchInput, MapSlice } from './fetch-request.ts'
export * from './output-key.ts'
export type { OutputSizes } from './output-sizes.ts'
export * from './output-store.ts'
