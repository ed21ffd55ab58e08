// Runs of equal rows that stand one after the other. Each column marks the rows that differ from the one
// before, a byte a row; the marks are then numbered. Row 0 is never marked.

// @ts-ignore: decorator
@inline
function mark<T>(values: usize, count: i32, marks: usize): void {
  let last = load<T>(values)
  for (let i = 1; i < count; i++) {
    const value = load<T>(values + (<usize>i) * sizeof<T>())
    const at = marks + <usize>i
    store<u8>(at, load<u8>(at) | <u8>(value != last))
    last = value
  }
}

/** Marks changes among values of `width` bytes: 1, 2, 4, 8 or 16. */
export function markChanges(values: usize, width: i32, count: i32, marks: usize): void {
  if (width == 8) mark<u64>(values, count, marks)
  else if (width == 4) mark<u32>(values, count, marks)
  else if (width == 2) mark<u16>(values, count, marks)
  else if (width == 1) mark<u8>(values, count, marks)
  else
    for (let i = 1; i < count; i++) {
      const at = values + ((<usize>i) << 4)
      const differs = load<u64>(at) != load<u64>(at - 16) || load<u64>(at, 8) != load<u64>(at - 16, 8)
      store<u8>(marks + <usize>i, load<u8>(marks + <usize>i) | <u8>differs)
    }
}

/** Marks changes among bits, such as those of NULLs. */
export function markBitChanges(bits: usize, count: i32, marks: usize): void {
  for (let i = 1; i < count; i++) {
    const own = load<u8>(bits + <usize>(i >> 3)) >> <u8>(i & 7)
    const last = load<u8>(bits + <usize>((i - 1) >> 3)) >> <u8>((i - 1) & 7)
    store<u8>(marks + <usize>i, load<u8>(marks + <usize>i) | ((own ^ last) & 1))
  }
}

// @ts-ignore: decorator
@inline
function sameText(a: usize, b: usize, length: i32): bool {
  let at: usize = 0
  for (const whole = <usize>(length & -8); at < whole; at += 8)
    if (load<u64>(a + at) != load<u64>(b + at)) return false
  for (; at < <usize>length; at++) if (load<u8>(a + at) != load<u8>(b + at)) return false
  return true
}

/** Marks changes among texts. */
export function markTextChanges(offsets: usize, bytes: usize, count: i32, marks: usize): void {
  if (count == 0) return
  let from = load<i32>(offsets, 4)
  let last = bytes + <usize>load<i32>(offsets)
  let lastLength = from - load<i32>(offsets)
  for (let i = 1; i < count; i++) {
    const to = load<i32>(offsets + ((<usize>i) << 2), 4)
    const text = bytes + <usize>from
    const length = to - from
    const same = length == lastLength && sameText(text, last, length)
    store<u8>(marks + <usize>i, load<u8>(marks + <usize>i) | <u8>!same)
    last = text
    lastLength = length
    from = to
  }
}

/** The number of each row's run, and the row that each run begins with; gives how many runs there are. */
export function numberRuns(marks: usize, count: i32, numbers: usize, starts: usize): i32 {
  if (count == 0) return 0
  store<i32>(numbers, 0)
  store<i32>(starts, 0)
  let run = 0
  for (let i = 1; i < count; i++) {
    run += <i32>load<u8>(marks + <usize>i)
    store<i32>(numbers + ((<usize>i) << 2), run)
    if (load<u8>(marks + <usize>i)) store<i32>(starts + ((<usize>run) << 2), i)
  }
  return run + 1
}
