/**
 * How the names that Spark gives to columns differ from the calls as written. The facts are those of Spark's
 * own list of functions with examples and result schemas.
 */

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '))

/** Functions whose name Spark writes in capitals. */
export const CAPITALS: ReadonlySet<string> = words(
  'acos acosh asin asinh atan atan2 atanh cbrt ceil cos cosh cot csc degrees e exp expm1 floor ' +
    'hypot log log10 log1p log2 pi power radians sec signum sin sinh sqrt tan tanh rank dense_rank ' +
    'percent_rank rlike regexp regexp_like spark_partition_id',
)

/** Functions that Spark shows under another name. */
export const RENAMED: Readonly<Record<string, string>> = {
  array_agg: 'collect_list',
  curdate: 'current_date',
  current_database: 'current_schema',
  dateadd: 'date_add',
  random: 'rand',
  to_varchar: 'to_char',
}

/** Functions that are casts under another name: Spark shows only what they take. */
export const CASTS: ReadonlySet<string> = words(
  'boolean tinyint smallint int bigint float double decimal date timestamp binary string',
)

/** Ranking takes its order from the window; arguments are not shown. */
export const WITHOUT_ARGS: ReadonlySet<string> = words('rank dense_rank percent_rank')

/** The schema of what is read is part of the function, not shown. */
export const FIRST_ONLY: ReadonlySet<string> = words('from_json from_csv from_xml')

const SECONDS = 'yyyy-MM-dd HH:mm:ss'
const IDENTITY = 'lambdafunction(namedlambdavariable(), namedlambdavariable())'

/** Last arguments that Spark shows although they were left out: by name, then by number of those given. */
export const DEFAULTS: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  aggregate: { 3: IDENTITY },
  approx_percentile: { 2: '10000' },
  bround: { 1: '0' },
  from_unixtime: { 1: SECONDS },
  lag: { 1: '1, NULL', 2: 'NULL' },
  lead: { 1: '1, NULL', 2: 'NULL' },
  listagg: { 1: 'NULL' },
  locate: { 2: '1' },
  lpad: { 2: ' ' },
  mask: { 1: 'X, x, n, NULL', 2: 'x, n, NULL', 3: 'n, NULL', 4: 'NULL' },
  months_between: { 2: 'true' },
  overlay: { 3: '-1' },
  percentile: { 2: '1' },
  percentile_approx: { 2: '10000' },
  position: { 2: '1' },
  reduce: { 3: IDENTITY },
  regexp_extract: { 2: '1' },
  regexp_extract_all: { 2: '1' },
  regexp_instr: { 2: '0' },
  regexp_replace: { 3: '1' },
  round: { 1: '0' },
  rpad: { 2: ' ' },
  sentences: { 1: ', ' },
  sort_array: { 1: 'true' },
  split: { 2: '-1' },
  string_agg: { 1: 'NULL' },
  substr: { 2: '2147483647' },
  substring: { 2: '2147483647' },
  to_unix_timestamp: { 1: SECONDS },
  unix_timestamp: { 0: `current_timestamp(), ${SECONDS}`, 1: SECONDS },
}
