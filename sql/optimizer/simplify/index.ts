/** Expressions rewritten to simpler ones of the same value. Start with simplify.ts. */
export { type SimplifyContext, simplify, simplifyPredicate } from './simplify.ts'
