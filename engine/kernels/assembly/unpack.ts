// Bit-packed numbers, lowest bit first.

const FEW_GROUPS: i32 = 3

/**
 * Unpacks `groups` × 8 numbers of 0 to 32 bits into int32s. A group is as many bytes as a number has bits; up
 * to 16 bytes behind the last are read.
 */
export function unpackGroups(from: usize, width: u32, out: usize, groups: i32): void {
  if (groups <= 0) return
  if (width == 0) memory.fill(out, 0, (<usize>groups) << 5)
  else if (width <= 8 && groups <= FEW_GROUPS) unpackFew(from, width, out, groups)
  else if (width <= 25) unpackNarrow(from, width, out, groups)
  else unpackWide(from, width, out, groups)
}

/** A group of up to 8 bits is one word. What SIMD needs to begin costs more than it saves for few. */
function unpackFew(from: usize, width: u32, out: usize, groups: i32): void {
  const mask = (1 << width) - 1
  let at = from
  let to = out
  const end = out + ((<usize>groups) << 5)
  do {
    const low = load<u64>(at)
    const bits = <u64>width
    const high = low >> (bits << 2)
    store<u32>(to, <u32>low & mask)
    store<u32>(to, <u32>(low >> bits) & mask, 4)
    store<u32>(to, <u32>(low >> (bits << 1)) & mask, 8)
    store<u32>(to, <u32>(low >> (bits * 3)) & mask, 12)
    store<u32>(to, <u32>high & mask, 16)
    store<u32>(to, <u32>(high >> bits) & mask, 20)
    store<u32>(to, <u32>(high >> (bits << 1)) & mask, 24)
    store<u32>(to, <u32>(high >> (bits * 3)) & mask, 28)
    at += width
    to += 32
  } while (to != end)
}

/** Which bytes of 16 hold the four numbers of `width` bits that begin at bit `first`. */
function bytesOfLanes(first: u32, width: u32): v128 {
  let indices = i32x4.splat(0)
  indices = i32x4.replace_lane(indices, 0, (first >>> 3) * 0x01010101 + 0x03020100)
  indices = i32x4.replace_lane(indices, 1, ((first + width) >>> 3) * 0x01010101 + 0x03020100)
  indices = i32x4.replace_lane(indices, 2, ((first + 2 * width) >>> 3) * 0x01010101 + 0x03020100)
  return i32x4.replace_lane(indices, 3, ((first + 3 * width) >>> 3) * 0x01010101 + 0x03020100)
}

/** Factors that move each of the four numbers to bit 7 of its lane. */
function factorsOfLanes(first: u32, width: u32): v128 {
  let factors = i32x4.splat(1 << (7 - (first & 7)))
  factors = i32x4.replace_lane(factors, 1, 1 << (7 - ((first + width) & 7)))
  factors = i32x4.replace_lane(factors, 2, 1 << (7 - ((first + 2 * width) & 7)))
  return i32x4.replace_lane(factors, 3, 1 << (7 - ((first + 3 * width) & 7)))
}

/**
 * Up to 25 bits, a number is within four bytes. SIMD has no shift by lane, so each lane is multiplied to the
 * same bit and then all are shifted alike.
 */
function unpackNarrow(from: usize, width: u32, out: usize, groups: i32): void {
  const lowBytes = bytesOfLanes(0, width)
  const lowFactors = factorsOfLanes(0, width)
  const highFirst = (width << 2) & 7
  const highBytes = bytesOfLanes(highFirst, width)
  const highFactors = factorsOfLanes(highFirst, width)
  const highAt = <usize>(width >>> 1)
  const mask = i32x4.splat((1 << width) - 1)
  let at = from
  let to = out
  const end = out + ((<usize>groups) << 5)
  // V8 computes what is the same each time before a loop only if the loop tests at its end.
  do {
    const low = i32x4.mul(i8x16.swizzle(v128.load(at), lowBytes), lowFactors)
    const high = i32x4.mul(i8x16.swizzle(v128.load(at + highAt), highBytes), highFactors)
    v128.store(to, v128.and(i32x4.shr_u(low, 7), mask))
    v128.store(to, v128.and(i32x4.shr_u(high, 7), mask), 16)
    at += width
    to += 32
  } while (to != end)
}

function unpackWide(from: usize, width: u32, out: usize, groups: i32): void {
  const mask: u64 = (<u64>1 << <u64>width) - 1
  let at = from
  let to = out
  for (let group = 0; group < groups; group++) {
    for (let bit: u32 = 0; bit < width << 3; bit += width) {
      store<u32>(to, <u32>((load<u64>(at + (bit >>> 3)) >> <u64>(bit & 7)) & mask))
      to += 4
    }
    at += width
  }
}
