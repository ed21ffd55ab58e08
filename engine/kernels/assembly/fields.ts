// Fields of text in pairs of int32, as csv.ts describes them, and what the kernels that turn them into
// columns share.
//
// Such a kernel takes the fields of `count` rows, writes their values from row `first` on, clears the
// validity bits of NULL rows, and lists the rows (int32, counted from the first field) that it leaves to the
// slow path: fields of another form. It gives the number of rows in that list. `first` is a multiple of 8.

// Words of the control block, int32.
/** Text that stands for NULL, and its length; 0: none but nothing at all. */
const NULL_TEXT: usize = 0
const NULL_LENGTH: usize = 4
/** Whether a field of two quotes is NULL. */
const EMPTY_IS_NULL: usize = 8
/** Flags that are looked at, and what they must be for the fast path. */
export const FLAG_MASK: usize = 12
export const FLAG_WANTED: usize = 16
/** Out: rows that are NULL are added. */
export const NULL_COUNT: usize = 20
/** More of one kernel. */
export const EXTRA: usize = 24

/** Whether a field is missing, empty or the text that stands for NULL. */
// @ts-ignore: decorator
@inline
export function isNull(text: usize, start: i32, packedEnd: i32, control: usize): bool {
  if (start < 0) return true
  const length = (packedEnd >> 2) - start
  if (length == 0) return (packedEnd & 1) == 0 || load<i32>(control + EMPTY_IS_NULL) != 0
  const nullLength = load<i32>(control + NULL_LENGTH)
  if (length != nullLength) return false
  return sameBytes(text + <usize>start, <usize>load<u32>(control + NULL_TEXT), length)
}

/** Whether two texts of one length are equal. */
export function sameBytes(a: usize, b: usize, length: i32): bool {
  let i = 0
  for (; i + 8 <= length; i += 8) if (load<u64>(a + <usize>i) != load<u64>(b + <usize>i)) return false
  if (i == length) return true
  return ((load<u64>(a + <usize>i) ^ load<u64>(b + <usize>i)) << (<u64>((8 - length + i) << 3))) == 0
}

/** Marks a row NULL. */
// @ts-ignore: decorator
@inline
export function clearBit(bits: usize, row: i32): void {
  const at = bits + (<usize>(row >> 3))
  store<u8>(at, load<u8>(at) & <u8>~((<i32>1) << (row & 7)))
}

// @ts-ignore: decorator
@inline
export function startOf(fields: usize, row: i32): i32 {
  return load<i32>(fields + ((<usize>row) << 3))
}

// @ts-ignore: decorator
@inline
export function endOf(fields: usize, row: i32): i32 {
  return load<i32>(fields + ((<usize>row) << 3) + 4)
}

/** Adds a row to the list of those left to the slow path; gives its new length. */
// @ts-ignore: decorator
@inline
export function noteOdd(odd: usize, oddCount: i32, row: i32): i32 {
  store<i32>(odd + ((<usize>oddCount) << 2), row)
  return oddCount + 1
}
