/**
 * Fixed kernels: loops over buffers of the arena, written in AssemblyScript (assembly/), compiled at build
 * time into one WebAssembly module that imports the arena's memory. Each family has a typed door here, takes
 * views of the arena, and has a plain TypeScript twin in tests/engine/kernels/twins that it is compared with.
 * Start with load.ts; what is compiled at run time for one plan is wasm/'s.
 */
export * from './address.ts'
export * from './bitmap.ts'
export * from './byte-strings.ts'
export * from './convert.ts'
export * from './csv.ts'
export * from './flat-states.ts'
export * from './hash.ts'
export * from './hybrid.ts'
export * from './join.ts'
export * from './join-filter.ts'
export * from './join-pairs.ts'
export * from './json.ts'
export * from './key-rows.ts'
export * from './key-table.ts'
export * from './load.ts'
export * from './lz4.ts'
export * from './partition.ts'
export * from './piece-gather.ts'
export * from './row-runs.ts'
export * from './row-sort.ts'
export * from './samples.ts'
export * from './select.ts'
export * from './snappy.ts'
export * from './sort-keys.ts'
export * from './take.ts'
export * from './text-fields.ts'
export * from './text-match.ts'
export * from './text-strings.ts'
