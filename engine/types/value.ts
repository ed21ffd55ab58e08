/**
 * A value inside the engine, one row of one column, by type:
 *
 * | type                               | JavaScript                                            |
 * |------------------------------------|-------------------------------------------------------|
 * | boolean                            | boolean                                               |
 * | int8 int16 int32 float32 float64   | number                                                |
 * | int64                              | bigint                                                |
 * | decimal                            | bigint: the unscaled value (1.20 with scale 2 is 120n) |
 * | string                             | string                                                |
 * | binary                             | Uint8Array                                            |
 * | date                               | number: days since 1970-01-01                         |
 * | timestamp, timestamp_ntz           | bigint: microseconds since 1970-01-01 00:00:00 (UTC)  |
 * | interval_ym                        | number: months                                        |
 * | interval_dt                        | bigint: microseconds                                  |
 * | list                               | array of values                                       |
 * | struct                             | array of values, by position of the field             |
 * | map                                | array of [key, value], in insertion order             |
 * | NULL of any type                   | null                                                  |
 *
 * What a program sees is another matter: see `run/rows.ts`.
 */
export type Value = null | boolean | number | bigint | string | Uint8Array | readonly Value[]
