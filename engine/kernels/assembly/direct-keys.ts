// Distinct integers of a narrow range, numbered 0, 1, 2 … in order of arrival: the number of a key stands
// at direct[key - base], -1 where it has none. `base` is the address of an int64. Where `masked`, rows whose
// `out` is negative are left alone.
import { number } from './key-bits'

// @ts-ignore: decorator
@inline
function range<T>(keys: usize, count: i32, out: usize, masked: i32, bounds: usize): i32 {
  let least = i64.MAX_VALUE
  let most = i64.MIN_VALUE
  let found = 0
  for (let row = 0; row < count; row++) {
    if (masked && load<i32>(number(out, row)) < 0) continue
    const key = <i64>load<T>(keys + (<usize>row) * sizeof<T>())
    least = min(least, key)
    most = max(most, key)
    found++
  }
  store<i64>(bounds, least)
  store<i64>(bounds, most, 8)
  return found
}

/** The least and the greatest key to `bounds`, as int64; gives how many keys there are. `width`: 4 or 8. */
export function rangeOfKeys(
  keys: usize,
  width: i32,
  count: i32,
  out: usize,
  masked: i32,
  bounds: usize,
): i32 {
  return width == 4
    ? range<i32>(keys, count, out, masked, bounds)
    : range<i64>(keys, count, out, masked, bounds)
}

// @ts-ignore: decorator
@inline
function insert<T>(
  keys: usize,
  count: i32,
  base: i64,
  direct: usize,
  stored: usize,
  size: i32,
  out: usize,
  masked: i32,
): i32 {
  let next = size
  for (let row = 0; row < count; row++) {
    if (masked && load<i32>(number(out, row)) < 0) continue
    const key = load<T>(keys + (<usize>row) * sizeof<T>())
    const at = direct + (<usize>(<i64>key - base) << 2)
    let value = load<i32>(at)
    if (value < 0) {
      value = next++
      store<i32>(at, value)
      store<T>(stored + (<usize>value) * sizeof<T>(), key)
    }
    store<i32>(number(out, row), value)
  }
  return next
}

/** The number of each key, all within range; new ones are written to `stored`. Gives the new size. */
export function insertNarrow(
  keys: usize,
  width: i32,
  count: i32,
  base: usize,
  direct: usize,
  stored: usize,
  size: i32,
  out: usize,
  masked: i32,
): i32 {
  const from = load<i64>(base)
  return width == 4
    ? insert<i32>(keys, count, from, direct, stored, size, out, masked)
    : insert<i64>(keys, count, from, direct, stored, size, out, masked)
}

/** The number of each key, -1 where it is not there. `span`: how many places there are. */
export function findNarrow(
  keys: usize,
  width: i32,
  count: i32,
  base: usize,
  span: u32,
  direct: usize,
  out: usize,
  masked: i32,
): void {
  const from = load<i64>(base)
  for (let row = 0; row < count; row++) {
    if (masked && load<i32>(number(out, row)) < 0) continue
    const own = keys + <usize>row * <usize>width
    const key = width == 4 ? <i64>load<i32>(own) : load<i64>(own)
    const at = <u64>(key - from)
    store<i32>(number(out, row), at < <u64>span ? load<i32>(direct + (<usize>at << 2)) : -1)
  }
}
