import { define } from '../define-function.ts'
import type { DoubleResult, LongResult, Num } from '../function-types.ts'

/** Pairs without NULL. */
export const regrCount: (y: Num, x: Num) => LongResult = define('regr_count')

/** Mean of x. */
export const regrAvgx: (y: Num, x: Num) => DoubleResult = define('regr_avgx')

/** Mean of y. */
export const regrAvgy: (y: Num, x: Num) => DoubleResult = define('regr_avgy')

/** Sum of squares of x about its mean. */
export const regrSxx: (y: Num, x: Num) => DoubleResult = define('regr_sxx')

/** Sum of squares of y about its mean. */
export const regrSyy: (y: Num, x: Num) => DoubleResult = define('regr_syy')

/** Sum of products about the means. */
export const regrSxy: (y: Num, x: Num) => DoubleResult = define('regr_sxy')

/** Slope of the line of least squares. */
export const regrSlope: (y: Num, x: Num) => DoubleResult = define('regr_slope')

/** Where the line of least squares meets the y axis. */
export const regrIntercept: (y: Num, x: Num) => DoubleResult = define('regr_intercept')

/** How well the line of least squares fits, 0 to 1. */
export const regrR2: (y: Num, x: Num) => DoubleResult = define('regr_r2')
