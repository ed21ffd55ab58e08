// Keys of joins as codes. A join whose keys are integers numbers its keys by their place in the ranges that
// the build side has: code = (key0 - min0) * range1 + (key1 - min1) …; -1 for NULL and for what lies outside,
// which no build row has. `validity` 0: no NULLs. `spec`: two i64, the least key and the size of the range.

// @ts-ignore: decorators are AssemblyScript's
@inline
function isValid(validity: usize, row: i32): bool {
  return validity == 0 || ((load<u8>(validity + (<usize>(row >> 3))) >> (<u8>(row & 7))) & 1) != 0
}

/** Least and greatest value that is not NULL, as two i64 at `out`; gives the number of such values. */
function range<K>(keys: usize, validity: usize, length: i32, out: usize): i32 {
  let min: i64 = i64.MAX_VALUE
  let max: i64 = i64.MIN_VALUE
  let count = 0
  for (let i = 0; i < length; i++) {
    if (!isValid(validity, i)) continue
    const key = <i64>load<K>(keys + (<usize>i) * sizeof<K>())
    if (key < min) min = key
    if (key > max) max = key
    count++
  }
  store<i64>(out, min)
  store<i64>(out, max, 8)
  return count
}

export function joinRange8(keys: usize, validity: usize, length: i32, out: usize): i32 {
  return range<i8>(keys, validity, length, out)
}
export function joinRange16(keys: usize, validity: usize, length: i32, out: usize): i32 {
  return range<i16>(keys, validity, length, out)
}
export function joinRange32(keys: usize, validity: usize, length: i32, out: usize): i32 {
  return range<i32>(keys, validity, length, out)
}
export function joinRange64(keys: usize, validity: usize, length: i32, out: usize): i32 {
  return range<i64>(keys, validity, length, out)
}

/** Codes of type C of one key column of type K; `more`: a further column of keys that `out` has begun. */
function codes<K, C>(keys: usize, validity: usize, length: i32, spec: usize, more: i32, out: usize): void {
  const min = load<i64>(spec)
  const size = load<i64>(spec, 8)
  for (let i = 0; i < length; i++) {
    const offset = <i64>load<K>(keys + (<usize>i) * sizeof<K>()) - min
    const at = out + (<usize>i) * sizeof<C>()
    let known = <u64>offset < <u64>size && isValid(validity, i)
    let code = offset
    if (more != 0) {
      const before = <i64>load<C>(at)
      known = known && before >= 0
      code = before * size + offset
    }
    store<C>(at, known ? <C>code : <C>-1)
  }
}

export function joinCodes32Of8(
  keys: usize, validity: usize, length: i32, spec: usize, more: i32, out: usize,
): void {
  codes<i8, i32>(keys, validity, length, spec, more, out)
}
export function joinCodes32Of16(
  keys: usize, validity: usize, length: i32, spec: usize, more: i32, out: usize,
): void {
  codes<i16, i32>(keys, validity, length, spec, more, out)
}
export function joinCodes32Of32(
  keys: usize, validity: usize, length: i32, spec: usize, more: i32, out: usize,
): void {
  codes<i32, i32>(keys, validity, length, spec, more, out)
}
export function joinCodes32Of64(
  keys: usize, validity: usize, length: i32, spec: usize, more: i32, out: usize,
): void {
  codes<i64, i32>(keys, validity, length, spec, more, out)
}
export function joinCodes64Of8(
  keys: usize, validity: usize, length: i32, spec: usize, more: i32, out: usize,
): void {
  codes<i8, i64>(keys, validity, length, spec, more, out)
}
export function joinCodes64Of16(
  keys: usize, validity: usize, length: i32, spec: usize, more: i32, out: usize,
): void {
  codes<i16, i64>(keys, validity, length, spec, more, out)
}
export function joinCodes64Of32(
  keys: usize, validity: usize, length: i32, spec: usize, more: i32, out: usize,
): void {
  codes<i32, i64>(keys, validity, length, spec, more, out)
}
export function joinCodes64Of64(
  keys: usize, validity: usize, length: i32, spec: usize, more: i32, out: usize,
): void {
  codes<i64, i64>(keys, validity, length, spec, more, out)
}

/** Hashes (int32, in place) as codes: without their sign. */
export function joinCodesOfHashes(hashes: usize, length: i32): void {
  for (let i = 0; i < length; i++) {
    const at = hashes + ((<usize>i) << 2)
    store<i32>(at, load<i32>(at) & 0x7fffffff)
  }
}

/** Rows that are NULL lose their code (int32). */
export function joinDropNulls(codes: usize, validity: usize, length: i32): void {
  for (let i = 0; i < length; i++) if (!isValid(validity, i)) store<i32>(codes + ((<usize>i) << 2), -1)
}
