// Rows of values opened up for NULLs, and rows picked from values.

/**
 * The last `dense` of the values up to row `from + dense` become rows [from, from + count), of which those
 * are there whose bit is set; the others become zero. Values have 1 << `shift` bytes.
 */
export function spreadRows(
  values: usize,
  shift: i32,
  from: i32,
  dense: i32,
  count: i32,
  validity: usize,
): void {
  // Rows move from the end, so that none is overwritten before it has moved.
  let source = from + dense
  if (shift == 3)
    for (let row = from + count - 1; row >= from; row--) {
      const bit = bitAt(validity, row)
      source -= bit
      store<u64>(values + ((<usize>row) << 3), bit != 0 ? load<u64>(values + ((<usize>source) << 3)) : 0)
    }
  else if (shift == 2)
    for (let row = from + count - 1; row >= from; row--) {
      const bit = bitAt(validity, row)
      source -= bit
      store<u32>(values + ((<usize>row) << 2), bit != 0 ? load<u32>(values + ((<usize>source) << 2)) : 0)
    }
  else
    for (let row = from + count - 1; row >= from; row--) {
      const bit = bitAt(validity, row)
      source -= bit
      const to = values + ((<usize>row) << shift)
      if (bit == 0) memory.fill(to, 0, 1 << shift)
      else if (shift == 4) v128.store(to, v128.load(values + ((<usize>source) << 4)))
      else if (shift == 1) store<u16>(to, load<u16>(values + ((<usize>source) << 1)))
      else store<u8>(to, load<u8>(values + <usize>source))
    }
}

/**
 * As `spreadRows` for the ends of byte strings: `offsets[from + 1 ..]` hold the ends of the `dense` that are
 * there; a row that is not ends where it begins.
 */
export function spreadOffsets(offsets: usize, from: i32, dense: i32, count: i32, validity: usize): void {
  let source = from + dense
  for (let row = from + count; row > from; row--) {
    store<i32>(offsets + ((<usize>row) << 2), load<i32>(offsets + ((<usize>source) << 2)))
    source -= bitAt(validity, row - 1)
  }
}

// @ts-ignore: decorator
@inline
function bitAt(bits: usize, at: i32): i32 {
  return (<i32>load<u8>(bits + <usize>(at >> 3)) >> (at & 7)) & 1
}

/** Values of 1 << `shift` bytes at `rows[i] - base` of `values`, which may lie at any alignment. */
export function gatherValuesAt(
  values: usize,
  shift: i32,
  base: i32,
  rows: usize,
  count: i32,
  out: usize,
): void {
  const end = rows + ((<usize>count) << 2)
  const origin = values - ((<usize>base) << shift)
  let at = rows
  let to = out
  if (shift == 3)
    for (; at < end; at += 4, to += 8) store<u64>(to, load<u64>(origin + (load<usize>(at) << 3)))
  else if (shift == 2)
    for (; at < end; at += 4, to += 4) store<u32>(to, load<u32>(origin + (load<usize>(at) << 2)))
  else if (shift == 4)
    for (; at < end; at += 4, to += 16) v128.store(to, v128.load(origin + (load<usize>(at) << 4)))
  else if (shift == 1)
    for (; at < end; at += 4, to += 2) store<u16>(to, load<u16>(origin + (load<usize>(at) << 1)))
  else for (; at < end; at += 4, to++) store<u8>(to, load<u8>(origin + load<usize>(at)))
}
