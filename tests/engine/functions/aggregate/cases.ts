import { type DataType, decimalType, listType, types, type Value } from '../../../../engine/types/index.ts'

type Row = readonly Value[]

const { int32, int64, float64, string, boolean } = types
/** A short decimal. */
export const money = decimalType(10, 2)
/** The widest decimal. */
export const wide = decimalType(38, 0)
/** The greatest bigint. */
export const I64_MAX = 2n ** 63n - 1n

/** Calls over one group, with the types of arguments, the rows, and the result. */
export const cases: readonly [
  name: string,
  args: readonly DataType[],
  rows: readonly Row[],
  expected: Value,
][] = [
  ['count', [], [[], []], 2n],
  ['count', [int32], [[1], [null]], 1n],
  [
    'count',
    [int32, string],
    [
      [1, 'a'],
      [null, 'b'],
      [2, null],
      [3, 'c'],
    ],
    2n,
  ],
  ['count_if', [boolean], [[true], [false], [null], [true]], 2n],
  ['sum', [int32], [], null],
  ['sum', [int32], [[null]], null],
  ['sum', [int32], [[2_147_483_647], [2_147_483_647], [-1]], 4_294_967_293n],
  ['sum', [types.int8], [[-128], [-128]], -256n],
  ['sum', [int64], [[I64_MAX], [I64_MAX], [-I64_MAX]], I64_MAX],
  ['sum', [int64], [[-I64_MAX - 1n]], -I64_MAX - 1n],
  ['sum', [float64], [[0.5], [null], [-1.5]], -1],
  ['sum', [money], [[120n], [-20n]], 100n],
  ['sum', [wide], [[10n ** 37n], [10n ** 37n], [-1n]], 2n * 10n ** 37n - 1n],
  ['sum', [types.intervalYm], [[13], [-1]], 12],
  ['try_sum', [int64], [[I64_MAX], [1n]], null],
  ['avg', [int32], [[1], [2], [null]], 1.5],
  ['avg', [int64], [[I64_MAX], [I64_MAX]], 2 ** 63],
  ['avg', [int32], [], null],
  ['avg', [money], [[100n], [100n], [101n]], 1_003_333n],
  ['avg', [money], [[-100n], [-100n], [-101n]], -1_003_333n],
  ['min', [int32], [[3], [null], [-2]], -2],
  ['max', [int32], [[null]], null],
  ['max', [float64], [[1], [Number.NaN], [2]], Number.NaN],
  ['min', [float64], [[Number.NaN], [2], [3]], 2],
  ['min', [int64], [[5n], [-(2n ** 40n)], [7n]], -(2n ** 40n)],
  ['max', [int64], [[-1n], [-(2n ** 33n)]], -1n],
  ['max', [money], [[4_294_967_295n], [4_294_967_296n]], 4_294_967_296n],
  ['min', [string], [['b'], ['\uffff'], ['ab'], [null]], 'ab'],
  ['max', [string], [['\uffff'], ['😀'], ['z']], '😀'],
  ['max', [listType(int32)], [[[1, 2]], [[1, null]], [[0]]], [1, 2]],
  [
    'min_by',
    [string, int32],
    [
      ['a', 3],
      ['b', 1],
      ['c', null],
    ],
    'b',
  ],
  [
    'max_by',
    [string, int32],
    [
      ['a', 3],
      ['b', 1],
      [null, 9],
    ],
    null,
  ],
  ['first', [int32], [[null], [1]], null],
  [
    'first',
    [int32, boolean],
    [
      [null, true],
      [1, true],
      [2, true],
    ],
    1,
  ],
  ['last', [int32], [[1], [null]], null],
  [
    'last',
    [int32, boolean],
    [
      [1, true],
      [2, true],
      [null, true],
    ],
    2,
  ],
  ['any_value', [string], [['x'], ['x']], 'x'],
  ['bool_and', [boolean], [[true], [null]], true],
  ['bool_and', [boolean], [[true], [false]], false],
  ['bool_or', [boolean], [[false], [null]], false],
  ['bool_or', [boolean], [], null],
  ['bit_and', [int32], [[6], [3]], 2],
  ['bit_or', [int64], [[4n], [null], [1n]], 5n],
  ['bit_xor', [int32], [[5], [1], [1]], 5],
  ['collect_list', [int32], [[2], [null], [1], [2]], [2, 1, 2]],
  ['collect_set', [int32], [[2], [null], [1], [2]], [2, 1]],
  ['collect_list', [int32], [], []],
  [
    'listagg',
    [string, string],
    [
      ['a', ','],
      [null, ','],
      ['b', ','],
    ],
    'a,b',
  ],
  ['listagg', [string], [['a'], ['b']], 'ab'],
  ['listagg', [string], [[null]], null],
  ['mode', [string], [['a'], ['b'], ['b'], [null], [null], [null]], 'b'],
  ['variance', [float64], [[2], [4], [4], [4], [5], [5], [7], [9]], 32 / 7],
  ['var_pop', [float64], [[2], [4], [4], [4], [5], [5], [7], [9]], 4],
  ['stddev_pop', [float64], [[2], [4], [4], [4], [5], [5], [7], [9]], 2],
  ['stddev', [float64], [[1]], null],
  ['stddev_pop', [float64], [[1]], 0],
  ['skewness', [float64], [[-10], [-20], [100], [1000]], 1.1135657469022013],
  ['kurtosis', [float64], [[-10], [-20], [100], [1000]], -0.7014368047529618],
  [
    'covar_pop',
    [float64, float64],
    [
      [1, 1],
      [2, 2],
      [3, 3],
    ],
    2 / 3,
  ],
  [
    'covar_samp',
    [float64, float64],
    [
      [1, 1],
      [2, 2],
      [3, 3],
      [null, 4],
    ],
    1,
  ],
  [
    'corr',
    [float64, float64],
    [
      [3, 2],
      [3, 3],
      [6, 4],
    ],
    0.8660254037844387,
  ],
  [
    'regr_slope',
    [float64, float64],
    [
      [1, 1],
      [3, 2],
      [5, 3],
    ],
    2,
  ],
  [
    'regr_count',
    [float64, float64],
    [
      [1, 1],
      [null, 2],
    ],
    1n,
  ],
  [
    'percentile',
    [int32, float64],
    [
      [0, 0.3],
      [10, 0.3],
    ],
    3,
  ],
  [
    'percentile',
    [int32, listType(float64)],
    [
      [0, [0.25, 1]],
      [null, [0.25, 1]],
      [10, [0.25, 1]],
    ],
    [2.5, 10],
  ],
  ['median', [int32], [[1], [4], [2], [3]], 2.5],
  [
    'percentile_approx',
    [int32, float64],
    [
      [10, 0.5],
      [20, 0.5],
      [30, 0.5],
      [40, 0.5],
    ],
    20,
  ],
  [
    'percentile_cont',
    [float64, float64],
    [
      [30, 0.25],
      [20, 0.25],
      [10, 0.25],
    ],
    25,
  ],
  [
    'percentile_disc',
    [float64, float64],
    [
      [10, 0.5],
      [20, 0.5],
      [30, 0.5],
    ],
    20,
  ],
  ['approx_count_distinct', [string], [['a'], ['b'], ['a'], [null]], 2n],
]
