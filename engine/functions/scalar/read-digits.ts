/** Where digits from `start` on end, looking at no more than `most`. */
export function digitsEnd(bytes: Uint8Array, start: number, end: number, most: number): number {
  const stop = Math.min(end, start + most)
  let at = start
  while (at < stop && bytes[at]! >= 48 && bytes[at]! <= 57) at++
  return at
}

/** The number that digits stand for. */
export function numberOf(bytes: Uint8Array, start: number, end: number): number {
  let value = 0
  for (let i = start; i < end; i++) value = value * 10 + bytes[i]! - 48
  return value
}

/** Microseconds of the digits behind a point; what is finer is cut off. */
export function fractionMicros(bytes: Uint8Array, start: number, end: number): number {
  let micros = 0
  for (let i = 0; i < 6; i++) micros = micros * 10 + (start + i < end ? bytes[start + i]! - 48 : 0)
  return micros
}

/** Text of bytes that are ASCII. */
export function asciiText(bytes: Uint8Array, start: number, end: number): string {
  let text = ''
  for (let i = start; i < end; i++) text += String.fromCharCode(bytes[i]!)
  return text
}
