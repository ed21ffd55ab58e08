// Values of groups side by side, and the value at a share of each.

/**
 * Doubles by group, in their order: those of group g go to out[starts[g] .. starts[g + 1]). `starts` has
 * groups + 1 places, `next` is scratch of as many.
 */
export function doublesByGroup(
  values: usize,
  groupOf: usize,
  count: i32,
  groups: i32,
  starts: usize,
  next: usize,
  out: usize,
): void {
  memory.fill(next, 0, (<usize>groups + 1) << 2)
  for (let i = 0; i < count; i++) {
    const at = next + ((<usize>load<u32>(groupOf + ((<usize>i) << 2))) << 2)
    store<i32>(at, load<i32>(at) + 1)
  }
  let total = 0
  for (let g = 0; g <= groups; g++) {
    const at = (<usize>g) << 2
    const size = load<i32>(next + at)
    store<i32>(starts + at, total)
    store<i32>(next + at, total)
    total += size
  }
  for (let i = 0; i < count; i++) {
    const at = next + ((<usize>load<u32>(groupOf + ((<usize>i) << 2))) << 2)
    const to = load<i32>(at)
    store<f64>(out + ((<usize>to) << 3), load<f64>(values + ((<usize>i) << 3)))
    store<i32>(at, to + 1)
  }
}

// @ts-ignore: decorator
@inline
function at(values: usize, i: i32): f64 {
  return load<f64>(values + ((<usize>i) << 3))
}

// @ts-ignore: decorator
@inline
function swap(values: usize, i: i32, j: i32): void {
  const a = values + ((<usize>i) << 3)
  const b = values + ((<usize>j) << 3)
  const value = load<f64>(a)
  store<f64>(a, load<f64>(b))
  store<f64>(b, value)
}

/** Moves NaN, the greatest value, to the end; gives how many values are none. */
function moveNaNs(values: usize, count: i32): i32 {
  let end = count
  for (let i = 0; i < end; ) {
    const value = at(values, i)
    if (value == value) i++
    else swap(values, i, --end)
  }
  return end
}

// @ts-ignore: decorator
@inline
function middleOf(a: f64, b: f64, c: f64): f64 {
  return max<f64>(min<f64>(a, b), min<f64>(max<f64>(a, b), c))
}

/**
 * Puts the value that has place k in order there, lesser ones before and greater ones behind it (Hoare's
 * selection).
 */
function select(values: usize, count: i32, k: i32): void {
  let low = 0
  let high = count - 1
  while (low < high) {
    const pivot = middleOf(at(values, low), at(values, low + ((high - low) >> 1)), at(values, high))
    let i = low
    let j = high
    while (i <= j) {
      while (at(values, i) < pivot) i++
      while (at(values, j) > pivot) j--
      if (i <= j) swap(values, i++, j--)
    }
    if (k <= j) high = j
    else if (k >= i) low = i
    else return
  }
}

/**
 * The value at a share of `count` > 0 values, of which the order changes: between the two neighbours, or with
 * `reaches` the first that reaches it. Without `sorts` they are in order already.
 */
export function doubleAtShare(values: usize, count: i32, share: f64, reaches: i32, sorts: i32): f64 {
  const position = reaches ? max<f64>(0, Math.ceil(share * <f64>count) - 1) : share * <f64>(count - 1)
  const below = <i32>Math.floor(position)
  const above = <i32>Math.ceil(position)
  if (sorts) {
    const numbers = moveNaNs(values, count)
    if (below < numbers) select(values, numbers, below)
    if (above > below && above < numbers) {
      let least = above
      for (let i = above + 1; i < numbers; i++) if (at(values, i) < at(values, least)) least = i
      swap(values, above, least)
    }
  }
  const low = at(values, below)
  const high = at(values, above)
  if (above == below || low == high) return low
  return (<f64>(below + 1) - position) * low + (position - <f64>below) * high
}
