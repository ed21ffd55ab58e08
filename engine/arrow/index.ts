/** Tables of the package apache-arrow, in and out. apache-arrow is loaded when it is first needed. Start with to-arrow.ts. */
export { fromArrow } from './from-arrow.ts'
export { toArrow } from './to-arrow.ts'
