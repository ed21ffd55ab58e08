// Rows picked by what is known of the entries of their dictionary.

/**
 * Writes the rows to `out` whose code's byte of `verdicts` is 1, in order; gives their number. `out` has room
 * for all.
 */
export function selectCodes(codes: usize, count: i32, verdicts: usize, out: usize): i32 {
  let to = out
  let at = codes
  const whole = count & ~3
  // Every row is written, and the next one over it unless it passes: no branch to be guessed wrong.
  for (let row = 0; row < whole; row += 4, at += 16) {
    store<i32>(to, row)
    to += (<usize>load<u8>(verdicts + load<usize>(at))) << 2
    store<i32>(to, row + 1)
    to += (<usize>load<u8>(verdicts + load<usize>(at, 4))) << 2
    store<i32>(to, row + 2)
    to += (<usize>load<u8>(verdicts + load<usize>(at, 8))) << 2
    store<i32>(to, row + 3)
    to += (<usize>load<u8>(verdicts + load<usize>(at, 12))) << 2
  }
  for (let row = whole; row < count; row++, at += 4) {
    store<i32>(to, row)
    to += (<usize>load<u8>(verdicts + load<usize>(at))) << 2
  }
  return <i32>((to - out) >> 2)
}

/** As `selectCodes`, where rows that are NULL by `validity` have a verdict of their own. */
export function selectCodesOrNull(
  codes: usize,
  validity: usize,
  count: i32,
  verdicts: usize,
  nullVerdict: i32,
  out: usize,
): i32 {
  let to = out
  for (let row = 0; row < count; row++) {
    const isThere = (<i32>load<u8>(validity + <usize>(row >> 3)) >> (row & 7)) & 1
    const verdict = <i32>load<u8>(verdicts + (load<usize>(codes + ((<usize>row) << 2))))
    store<i32>(to, row)
    to += (<usize>select<i32>(verdict, nullVerdict, isThere != 0)) << 2
  }
  return <i32>((to - out) >> 2)
}
