const FACTOR = 7

/** A function of another module, which uses a constant of its own module. */
export function timesSeven(x: number): number {
  return x * FACTOR
}

export const prefix = 'p-'

export function fails(x: number): number {
  if (x > 1) {
    throw new RangeError(`bad value ${x}`)
  }
  return x
}
