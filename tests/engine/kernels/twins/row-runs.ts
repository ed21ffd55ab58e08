/** The run of each row, where a row begins one if any column differs from the row before. */
export function runsTwin(columns: readonly (readonly unknown[])[], count: number): number[] {
  let run = 0
  return Array.from({ length: count }, (_, row) => {
    if (row > 0 && columns.some((column) => column[row] !== column[row - 1])) run++
    return run
  })
}
