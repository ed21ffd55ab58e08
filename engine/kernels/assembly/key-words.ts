// Key words of rows by id, as row-sort.ts has them: for other kernels, no doors of their own.

// @ts-ignore: decorator
@inline
export function wordOf(tables: usize, width: i32, id: u32, depth: i32): u64 {
  const entry = tables + ((<usize>(id >>> 16)) << 3)
  const row = <usize>(id & 0xffff)
  const words = <usize>load<u32>(entry)
  if (width != 0) return load<u64>(words + ((row * width + depth) << 3))
  const start = <usize>load<u32>(<usize>load<u32>(entry, 4) + (row << 2))
  return load<u64>(words + ((start + depth) << 3))
}

// @ts-ignore: decorator
@inline
export function hasWord(tables: usize, width: i32, id: u32, depth: i32): bool {
  if (width != 0) return depth < width
  const offsets = <usize>load<u32>(tables + ((<usize>(id >>> 16)) << 3), 4) + ((<usize>(id & 0xffff)) << 2)
  return load<u32>(offsets) + depth < load<u32>(offsets, 4)
}
