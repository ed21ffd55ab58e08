/** The expression IR: what the analyzer resolves to and the interpreter evaluates. One page: expr.ts. */
export * from './expr.ts'
export * from './format-expr.ts'
