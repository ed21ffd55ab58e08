/**
 * A small emitter of WebAssembly functions at run time, and the cache of what was compiled. Start with
 * assembler.ts.
 */
export * from './assembler.ts'
export * from './module-cache.ts'
