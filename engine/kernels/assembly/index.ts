// All kernels, as one module over the arena. One file a family; what a family exports, its door in
// engine/kernels/<family>.ts types. No static data and no mutable globals: every thread has an instance of
// its own over the same memory, so scratch space comes as a pointer.
export * from './bitmap'
export * from './byte-strings'
export * from './convert'
export * from './flat-states'
export * from './hybrid'
export * from './snappy'
export * from './bits'
export * from './spread'
export * from './join-codes'
export * from './join-filter'
export * from './join-pairs'
export * from './join-table'
export * from './lz4'
