// Tables from codes of keys (see join-codes.ts) to rows. Rows of one key form a chain in the order of rows:
// `next[row]` is the row after it plus one, 0 at the end. Codes below 0 have no place in a table.
//
//   direct   head[code]: first row of the key plus one, 0 = none
//   bits     bit `code`: whether the key is there; rows are not known
//   hash     open addressing over `size` slots of 8 bytes: (tag, first row of the key plus one)
//            codes of 32 bits are the tag; those of 64 bits have 32 bits of their hash there and are compared

/** Rows whose first slots are loaded before any is looked at, so that cache misses overlap. */
const BLOCK: i32 = 512

// @ts-ignore: decorators are AssemblyScript's
@inline
function place32(code: i32, size: u32): u32 {
  let hash = <u32>code
  hash = (hash ^ (hash >> 16)) * 0x85ebca6b
  hash = (hash ^ (hash >> 13)) * 0xc2b2ae35
  return <u32>((<u64>hash * <u64>size) >> 32)
}

// @ts-ignore
@inline
function hash64(code: i64): u64 {
  let hash = <u64>code
  hash = (hash ^ (hash >> 32)) * 0xff51afd7ed558ccd
  return (hash ^ (hash >> 32)) * 0xc4ceb9fe1a85ec53
}

// @ts-ignore
@inline
function place64(hash: u64, size: u32): u32 {
  return <u32>(((hash >> 32) * <u64>size) >> 32)
}

/** Inserts rows from the last to the first; gives the number of rows whose key was there already. */
export function joinDirectInsert(codes: usize, length: i32, heads: usize, next: usize): i32 {
  let repeated = 0
  for (let row = length - 1; row >= 0; row--) {
    const code = load<i32>(codes + ((<usize>row) << 2))
    let after = 0
    if (code >= 0) {
      const head = heads + ((<usize>code) << 2)
      after = load<i32>(head)
      store<i32>(head, row + 1)
      repeated += i32(after != 0)
    }
    store<i32>(next + ((<usize>row) << 2), after)
  }
  return repeated
}

/** The first row of each code, -1 for none. */
export function joinDirectFind(codes: usize, length: i32, heads: usize, out: usize): void {
  for (let i = 0; i < length; i++) {
    const at = (<usize>i) << 2
    const code = load<i32>(codes + at)
    const known = code & ~(code >> 31) // 0 for codes below 0.
    const head = load<i32>(heads + ((<usize>known) << 2))
    store<i32>(out + at, code < 0 ? -1 : head - 1)
  }
}

export function joinBitsInsert(codes: usize, length: i32, bits: usize): void {
  for (let i = 0; i < length; i++) {
    const code = load<i32>(codes + ((<usize>i) << 2))
    if (code < 0) continue
    const at = bits + (<usize>(code >> 3))
    store<u8>(at, load<u8>(at) | (<u8>1 << (<u8>(code & 7))))
  }
}

/** 0 for codes that are there, -1 for others. */
export function joinBitsFind(codes: usize, length: i32, bits: usize, out: usize): void {
  for (let i = 0; i < length; i++) {
    const at = (<usize>i) << 2
    const code = load<i32>(codes + at)
    const known = code & ~(code >> 31) // 0 for codes below 0.
    const byte = <i32>load<u8>(bits + (<usize>(known >> 3)))
    store<i32>(out + at, code < 0 ? -1 : ((byte >> (code & 7)) & 1) - 1)
  }
}

/** As joinDirectInsert. */
export function joinHashInsert32(codes: usize, length: i32, slots: usize, size: u32, next: usize): i32 {
  let repeated = 0
  for (let row = length - 1; row >= 0; row--) {
    const code = load<i32>(codes + ((<usize>row) << 2))
    let after = 0
    if (code >= 0) {
      let place = place32(code, size)
      let slot = slots + ((<usize>place) << 3)
      after = load<i32>(slot, 4)
      while (after != 0 && load<i32>(slot) != code) {
        place = place + 1 == size ? 0 : place + 1
        slot = slots + ((<usize>place) << 3)
        after = load<i32>(slot, 4)
      }
      store<i32>(slot, code)
      store<i32>(slot, row + 1, 4)
      repeated += i32(after != 0)
    }
    store<i32>(next + ((<usize>row) << 2), after)
  }
  return repeated
}

/** As joinDirectFind; `scratch` has room for 512 slots. */
export function joinHashFind32(
  codes: usize, length: i32, slots: usize, size: u32, scratch: usize, out: usize,
): void {
  for (let from = 0; from < length; from += BLOCK) {
    const to = min(length, from + BLOCK)
    for (let i = from; i < to; i++) {
      const place = place32(load<i32>(codes + ((<usize>i) << 2)), size)
      store<u32>(out + ((<usize>i) << 2), place)
      store<u64>(scratch + ((<usize>(i - from)) << 3), load<u64>(slots + ((<usize>place) << 3)))
    }
    for (let i = from; i < to; i++) {
      const at = (<usize>i) << 2
      const code = load<i32>(codes + at)
      let slot = load<u64>(scratch + ((<usize>(i - from)) << 3))
      let place = load<u32>(out + at)
      let row = code < 0 ? 0 : <i32>(slot >> 32)
      while (row != 0 && <i32>slot != code) {
        place = place + 1 == size ? 0 : place + 1
        slot = load<u64>(slots + ((<usize>place) << 3))
        row = <i32>(slot >> 32)
      }
      store<i32>(out + at, row - 1)
    }
  }
}

/** As joinHashInsert32 with codes of 64 bits. */
export function joinHashInsert64(codes: usize, length: i32, slots: usize, size: u32, next: usize): i32 {
  let repeated = 0
  for (let row = length - 1; row >= 0; row--) {
    const code = load<i64>(codes + ((<usize>row) << 3))
    let after = 0
    if (code >= 0) {
      const hash = hash64(code)
      const tag = <i32>hash
      let place = place64(hash, size)
      let slot = slots + ((<usize>place) << 3)
      after = load<i32>(slot, 4)
      while (
        after != 0 &&
        (load<i32>(slot) != tag || load<i64>(codes + ((<usize>(after - 1)) << 3)) != code)
      ) {
        place = place + 1 == size ? 0 : place + 1
        slot = slots + ((<usize>place) << 3)
        after = load<i32>(slot, 4)
      }
      store<i32>(slot, tag)
      store<i32>(slot, row + 1, 4)
      repeated += i32(after != 0)
    }
    store<i32>(next + ((<usize>row) << 2), after)
  }
  return repeated
}

/** As joinHashFind32; `keys` are the codes that were inserted. */
export function joinHashFind64(
  codes: usize,
  length: i32,
  slots: usize,
  size: u32,
  keys: usize,
  scratch: usize,
  out: usize,
): void {
  for (let from = 0; from < length; from += BLOCK) {
    const to = min(length, from + BLOCK)
    for (let i = from; i < to; i++) {
      const hash = hash64(load<i64>(codes + ((<usize>i) << 3)))
      const place = place64(hash, size)
      store<u32>(out + ((<usize>i) << 2), place)
      store<u64>(scratch + ((<usize>(i - from)) << 3), load<u64>(slots + ((<usize>place) << 3)))
    }
    for (let i = from; i < to; i++) {
      const at = out + ((<usize>i) << 2)
      const code = load<i64>(codes + ((<usize>i) << 3))
      const tag = <i32>hash64(code)
      let slot = load<u64>(scratch + ((<usize>(i - from)) << 3))
      let place = load<u32>(at)
      let row = code < 0 ? 0 : <i32>(slot >> 32)
      while (row != 0 && (<i32>slot != tag || load<i64>(keys + ((<usize>(row - 1)) << 3)) != code)) {
        place = place + 1 == size ? 0 : place + 1
        slot = load<u64>(slots + ((<usize>place) << 3))
        row = <i32>(slot >> 32)
      }
      store<i32>(at, row - 1)
    }
  }
}
