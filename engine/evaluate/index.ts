/**
 * Expressions over batches, a vector at a time: the interpreter, which covers all of them, and in compile/
 * what becomes WebAssembly. Start with evaluate.ts.
 */
export * from './cast.ts'
export { isCompiledExpr, isCompiledPredicate } from './compile/index.ts'
export * from './compile-pipeline.ts'
export * from './eval-context.ts'
export * from './evaluate.ts'
