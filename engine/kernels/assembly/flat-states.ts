// States of aggregates: `stride` bytes a group, one after the other from `states` on; offsets are in bytes
// within a group. A count is the word at `plus` less the one at `minus` (-1: none).

/** Copies the words of an empty group to groups [from, to). */
export function flatInit(states: usize, stride: i32, empty: usize, from: i32, to: i32): void {
  if (from >= to) return
  const first = states + <usize>from * <usize>stride
  const bytes = <usize>(to - from) * <usize>stride
  memory.copy(first, empty, <usize>stride)
  // What is there is copied behind itself: a call for each group would cost more than its bytes.
  for (let done = <usize>stride; done < bytes; done <<= 1)
    memory.copy(first + done, first, min<usize>(done, bytes - done))
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function countAt(at: usize, plus: i32, minus: i32): i64 {
  const count = load<i64>(at + <usize>plus)
  return minus < 0 ? count : count - load<i64>(at + <usize>minus)
}

/** Counts as int64. */
export function flatCounts(states: usize, stride: i32, plus: i32, minus: i32, count: i32, out: usize): void {
  for (let i = 0; i < count; i++) {
    store<i64>(out + (<usize>i << 3), countAt(states, plus, minus))
    states += <usize>stride
  }
}

/** Bits of the groups whose count is not 0. */
export function flatSeen(states: usize, stride: i32, plus: i32, minus: i32, count: i32, out: usize): void {
  let byte: u32 = 0
  for (let i = 0; i < count; i++) {
    byte |= <u32>(countAt(states, plus, minus) != 0) << (i & 7)
    if ((i & 7) == 7) {
      store<u8>(out + <usize>(i >> 3), byte)
      byte = 0
    }
    states += <usize>stride
  }
  if ((count & 7) != 0) store<u8>(out + <usize>(count >> 3), byte)
}

/** Copies the low `1 << log2` bytes of a word of every group; log2 = 4 makes the double a float32. */
export function flatWords(states: usize, stride: i32, offset: i32, log2: i32, count: i32, out: usize): void {
  let at = states + <usize>offset
  for (let i = 0; i < count; i++) {
    if (log2 == 3) store<i64>(out + (<usize>i << 3), load<i64>(at))
    else if (log2 == 2) store<i32>(out + (<usize>i << 2), load<i32>(at))
    else if (log2 == 4) store<f32>(out + (<usize>i << 2), <f32>load<f64>(at))
    else if (log2 == 1) store<i16>(out + (<usize>i << 1), load<i16>(at))
    else store<i8>(out + <usize>i, load<i8>(at))
    at += <usize>stride
  }
}

/** Whether all sums are within 62 bits. `sums` has the offset and the number of words of each. */
export function flatAreSmall(states: usize, stride: i32, count: i32, sums: usize, sumCount: i32): i32 {
  for (let i = 0; i < sumCount; i++) {
    const offset = <usize>load<i32>(sums + (<usize>i << 3))
    const words = load<i32>(sums + (<usize>i << 3) + 4)
    let at = states + offset
    for (let group = 0; group < count; group++) {
      const low = load<i64>(at)
      const sign = low >> 63
      if (low >> 61 != sign || load<i64>(at + 8) != sign) return 0
      if (words == 3 && load<i64>(at + 16) != sign) return 0
      at += <usize>stride
    }
  }
  return 1
}

/** Makes the upper words of sums the sign of the low one, after rows were added to that alone. */
export function flatExtend(states: usize, stride: i32, count: i32, sums: usize, sumCount: i32): void {
  for (let i = 0; i < sumCount; i++) {
    const offset = <usize>load<i32>(sums + (<usize>i << 3))
    const words = load<i32>(sums + (<usize>i << 3) + 4)
    let at = states + offset
    for (let group = 0; group < count; group++) {
      const sign = load<i64>(at) >> 63
      store<i64>(at + 8, sign)
      if (words == 3) store<i64>(at + 16, sign)
      at += <usize>stride
    }
  }
}

/**
 * Sums of 2 or 3 words whose size is below the unsigned 128 bits at `limit`, as int64 to `narrow` and as 128
 * bits to `wide`. Gives how many leading groups hold that and, for `wide` = 0, fit 64 bits.
 */
export function flatSums(
  states: usize,
  stride: i32,
  offset: i32,
  words: i32,
  count: i32,
  limit: usize,
  narrow: usize,
  wide: usize,
): i32 {
  const limitLow = load<u64>(limit)
  const limitHigh = load<u64>(limit + 8)
  let at = states + <usize>offset
  for (let i = 0; i < count; i++) {
    const low = load<u64>(at)
    const high = load<i64>(at + 8)
    if (words == 3 && load<i64>(at + 16) != high >> 63) return i
    const sign = <u64>(high >> 63)
    const sizeLow = (low ^ sign) - sign
    const sizeHigh = (<u64>high ^ sign) + <u64>(sign != 0 && sizeLow == 0)
    if (sizeHigh > limitHigh || (sizeHigh == limitHigh && sizeLow >= limitLow)) return i
    if (wide != 0) {
      store<u64>(wide + (<usize>i << 4), low)
      store<i64>(wide + (<usize>i << 4) + 8, high)
    } else {
      if (high != <i64>low >> 63) return i
      store<u64>(narrow + (<usize>i << 3), low)
    }
    at += <usize>stride
  }
  return count
}

/**
 * Means of exact sums, times the integer at `factor`, rounded half away from zero, as int64; 0 for a count of
 * 0. Gives how many leading groups it could do in 64 bits.
 */
export function flatMeans(
  states: usize,
  stride: i32,
  offset: i32,
  plus: i32,
  minus: i32,
  count: i32,
  factor: usize,
  out: usize,
): i32 {
  const by = load<i64>(factor)
  const most = i64.MAX_VALUE / by - 1
  for (let i = 0; i < count; i++) {
    const low = load<i64>(states + <usize>offset)
    if (load<i64>(states + <usize>offset + 8) != low >> 63 || low > most || low < -most) return i
    const rows = countAt(states, plus, minus)
    let mean: i64 = 0
    if (rows != 0) {
      const sum = low * by
      mean = sum / rows
      const rest = sum % rows
      const size = rest < 0 ? -rest : rest
      // size >= rows - size is 2 × size >= rows without overflow.
      if (size >= rows - size) mean += sum < 0 ? -1 : 1
    }
    store<i64>(out + (<usize>i << 3), mean)
    states += <usize>stride
  }
  return count
}

/** Means of sums that are doubles; 0 for a count of 0. */
export function flatFloatMeans(
  states: usize,
  stride: i32,
  offset: i32,
  plus: i32,
  minus: i32,
  count: i32,
  out: usize,
): void {
  for (let i = 0; i < count; i++) {
    const rows = countAt(states, plus, minus)
    store<f64>(out + (<usize>i << 3), rows == 0 ? 0 : load<f64>(states + <usize>offset) / <f64>rows)
    states += <usize>stride
  }
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function cellOfRow(keys: usize, keysEnd: usize, row: usize): usize {
  let cell: usize = 0
  for (let key = keys; key < keysEnd; key += 16) {
    const validity = load<usize>(key, 4)
    if (validity != 0 && ((<u32>load<u8>(validity + (row >> 3)) >> (<u32>row & 7)) & 1) == 0)
      cell += load<usize>(key, 12)
    else cell += load<usize>(load<usize>(key) + (row << 2)) * load<usize>(key, 8)
  }
  return cell
}

/**
 * The group that stands in the cell of each row from position `from` on; `rows` 0: all rows. Gives the
 * position of the first whose cell has none, or `count`. `keys`: see newCells.
 */
export function groupsOfCells(
  keys: usize,
  keyCount: i32,
  cells: usize,
  rows: usize,
  from: i32,
  count: i32,
  out: usize,
): i32 {
  const keysEnd = keys + ((<usize>keyCount) << 4)
  for (let i = from; i < count; i++) {
    const row = rows == 0 ? <usize>i : load<usize>(rows + ((<usize>i) << 2))
    const group = load<i32>(cells + (cellOfRow(keys, keysEnd, row) << 2))
    if (group < 0) return i
    store<i32>(out + ((<usize>i) << 2), group)
  }
  return count
}

/**
 * The first of `count` rows of each cell that holds -1: their numbers to `out`, their cells to `cellOut`; the
 * cells then hold -2. `keys`: for each the addresses of codes and validity (or 0), cells from one code to the
 * next, and that of NULL. Gives how many there are.
 */
export function newCells(
  keys: usize,
  keyCount: i32,
  cells: usize,
  rows: usize,
  count: i32,
  out: usize,
  cellOut: usize,
): i32 {
  let found = 0
  const keysEnd = keys + ((<usize>keyCount) << 4)
  for (let i = 0; i < count; i++) {
    const row = load<usize>(rows + ((<usize>i) << 2))
    const cell = cellOfRow(keys, keysEnd, row)
    const at = cells + (cell << 2)
    if (load<i32>(at) != -1) continue
    store<i32>(at, -2)
    store<i32>(out + ((<usize>found) << 2), <i32>row)
    store<i32>(cellOut + ((<usize>found) << 2), <i32>cell)
    found++
  }
  return found
}
