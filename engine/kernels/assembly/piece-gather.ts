// Gathering of rows from several pieces of a column. A row has an id, `piece << 16 | row`; tables hold
// addresses by piece.

// @ts-ignore: decorator
@inline
function idAt(ids: usize, i: usize): u32 {
  return load<u32>(ids + (i << 2))
}

// @ts-ignore: decorator
@inline
function baseOf(table: usize, id: u32): usize {
  return <usize>load<u32>(table + ((<usize>(id >>> 16)) << 2))
}

/** Values of one byte. */
export function gatherPieces1(ids: usize, count: i32, table: usize, out: usize): void {
  for (let i: usize = 0; i < <usize>count; i++) {
    const id = idAt(ids, i)
    store<u8>(out + i, load<u8>(baseOf(table, id) + (<usize>(id & 0xffff))))
  }
}

/** Values of two bytes. */
export function gatherPieces2(ids: usize, count: i32, table: usize, out: usize): void {
  for (let i: usize = 0; i < <usize>count; i++) {
    const id = idAt(ids, i)
    store<u16>(out + (i << 1), load<u16>(baseOf(table, id) + ((<usize>(id & 0xffff)) << 1)))
  }
}

/** Values of four bytes. */
export function gatherPieces4(ids: usize, count: i32, table: usize, out: usize): void {
  for (let i: usize = 0; i < <usize>count; i++) {
    const id = idAt(ids, i)
    store<u32>(out + (i << 2), load<u32>(baseOf(table, id) + ((<usize>(id & 0xffff)) << 2)))
  }
}

/** Values of eight bytes. */
export function gatherPieces8(ids: usize, count: i32, table: usize, out: usize): void {
  for (let i: usize = 0; i < <usize>count; i++) {
    const id = idAt(ids, i)
    store<u64>(out + (i << 3), load<u64>(baseOf(table, id) + ((<usize>(id & 0xffff)) << 3)))
  }
}

/** Values of sixteen bytes. */
export function gatherPieces16(ids: usize, count: i32, table: usize, out: usize): void {
  for (let i: usize = 0; i < <usize>count; i++) {
    const id = idAt(ids, i)
    v128.store(out + (i << 4), v128.load(baseOf(table, id) + ((<usize>(id & 0xffff)) << 4)))
  }
}

/** Bits of bitmaps; a piece without one (address 0) has ones. Whole bytes of `out` are written. */
export function gatherPieceBits(ids: usize, count: i32, table: usize, out: usize): void {
  let byte: u32 = 0
  for (let i: usize = 0; i < <usize>count; i++) {
    const id = idAt(ids, i)
    const bits = baseOf(table, id)
    const row = id & 0xffff
    const bit = bits == 0 ? 1 : (load<u8>(bits + (<usize>(row >> 3))) >> <u8>(row & 7)) & 1
    byte |= <u32>bit << <u32>(i & 7)
    if ((i & 7) == 7) {
      store<u8>(out + (i >> 3), <u8>byte)
      byte = 0
    }
  }
  if ((count & 7) != 0) store<u8>(out + (<usize>count >> 3), <u8>byte)
}

/**
 * Offsets of gathered text, from 0; `table` holds offsets, bytes, codes or 0, and 0 for each piece. Gives the
 * end.
 */
export function gatherPieceOffsets(ids: usize, count: i32, table: usize, out: usize): u32 {
  let next: u32 = 0
  for (let i: usize = 0; i < <usize>count; i++) {
    store<u32>(out + (i << 2), next)
    const offset = offsetOf(table, idAt(ids, i))
    next += load<u32>(offset, 4) - load<u32>(offset)
  }
  store<u32>(out + ((<usize>count) << 2), next)
  return next
}

/** Bytes of gathered text; up to 7 bytes behind the end of `out` are written. */
export function gatherPieceText(ids: usize, count: i32, table: usize, out: usize): void {
  let to = out
  for (let i: usize = 0; i < <usize>count; i++) {
    const id = idAt(ids, i)
    const offset = offsetOf(table, id)
    const start = load<u32>(offset)
    const size = <usize>(load<u32>(offset, 4) - start)
    const from = <usize>load<u32>(table + ((<usize>(id >>> 16)) << 4), 4) + start
    if (size > 64) memory.copy(to, from, size)
    else for (let at: usize = 0; at < size; at += 8) store<u64>(to + at, load<u64>(from + at))
    to += size
  }
}

/** Where the offset of a row's text stands. */
// @ts-ignore: decorator
@inline
function offsetOf(table: usize, id: u32): usize {
  const entry = table + ((<usize>(id >>> 16)) << 4)
  const codes = <usize>load<u32>(entry, 8)
  const row = <usize>(id & 0xffff)
  const index = codes != 0 ? <usize>load<u32>(codes + (row << 2)) : row
  return <usize>load<u32>(entry) + (index << 2)
}
