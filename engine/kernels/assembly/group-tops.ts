// The first rows of each group by one order. A row has a word that grows with its place in the order; `tops`
// holds the `limit` least words of each group, ascending, from all ones on.
import { BITS, bitsOf, FLOAT32, FLOAT64, isNull, number } from './key-bits'

const SIGN: u64 = 0x8000000000000000

// @ts-ignore: decorator
@inline
function ascending(form: i32, values: usize, row: usize): u64 {
  if (form == FLOAT32 || form == FLOAT64) {
    let value: f64 = form == FLOAT32 ? <f64>load<f32>(values + (row << 2)) : load<f64>(values + (row << 3))
    if (value == 0) value = 0
    // Of NaNs there is one, greater than all else.
    const bits = value != value ? <u64>0x7ff8000000000000 : reinterpret<u64>(value)
    return (bits & SIGN) != 0 ? ~bits : bits ^ SIGN
  }
  const bits = bitsOf(form, values, row)
  return form == BITS ? bits : bits ^ SIGN
}

/**
 * The words of a column in 63 bits, behind them NULL first or last: where two differ, their rows are in that
 * order; where they do not, the last bit may.
 */
export function orderWords(
  form: i32,
  values: usize,
  validity: usize,
  count: i32,
  descending: i32,
  nullsFirst: i32,
  out: usize,
): void {
  const flip: u64 = descending ? ~(<u64>0) : 0
  for (let i = 0; i < count; i++) {
    let word = ((ascending(form, values, <usize>i) ^ flip) >> 1) | (nullsFirst ? SIGN : 0)
    if (isNull(validity, i)) word = nullsFirst ? 0 : SIGN
    store<u64>(out + (<usize>i << 3), word)
  }
}

/** Adds rows to the tops of their groups; those that got in, or are equal to the last, go to `out`. */
export function addToTops(
  words: usize,
  groups: usize,
  count: i32,
  limit: i32,
  tops: usize,
  out: usize,
): i32 {
  const bytes = <usize>limit << 3
  let found = 0
  for (let i = 0; i < count; i++) {
    const word = load<u64>(words + (<usize>i << 3))
    const first = tops + <usize>load<u32>(number(groups, i)) * bytes
    let at = first + bytes - 8
    const last = load<u64>(at)
    if (word > last) continue
    store<i32>(number(out, found++), i)
    if (word == last) continue
    for (; at > first && load<u64>(at - 8) > word; at -= 8) store<u64>(at, load<u64>(at - 8))
    store<u64>(at, word)
  }
  return found
}

/** The rows that are within the tops of their groups, all rows having been added. */
export function withinTops(
  words: usize,
  groups: usize,
  count: i32,
  limit: i32,
  tops: usize,
  out: usize,
): i32 {
  const bytes = <usize>limit << 3
  let found = 0
  for (let i = 0; i < count; i++) {
    const last = load<u64>(tops + (<usize>load<u32>(number(groups, i)) + 1) * bytes - 8)
    if (load<u64>(words + (<usize>i << 3)) <= last) store<i32>(number(out, found++), i)
  }
  return found
}
