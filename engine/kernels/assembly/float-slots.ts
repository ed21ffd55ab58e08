// Floats as text.
import { powerOfTen } from './digits'
import { putDecimal } from './put-numbers'

/**
 * Doubles (or floats, `width` 4) as Java prints them, in slots of 32 bytes: length, then text. Lists in `odd`
 * those that need more than 15 (6) digits or an exponent, and gives their number. Rows that are NULL are
 * passed over.
 */
export function floatSlots(
  values: usize,
  validity: usize,
  count: i32,
  slots: usize,
  odd: usize,
  width: i32,
): i32 {
  const limit: f64 = width == 8 ? 1e15 : 1e6
  let oddCount = 0
  for (let row = 0; row < count; row++) {
    if (validity != 0 && ((load<u8>(validity + <usize>(row >> 3)) >> <u8>(row & 7)) & 1) == 0) continue
    const value =
      width == 8 ? load<f64>(values + ((<usize>row) << 3)) : <f64>load<f32>(values + ((<usize>row) << 2))
    const slot = slots + ((<usize>row) << 5)
    const size = abs(value)
    let power: f64 = 1
    let scale = 0
    let digits: f64 = size
    if (size != 0) {
      if (!(size >= 1e-3 && size < 1e7)) digits = limit
      while (digits < limit) {
        digits = nearest(size * power)
        const back = digits / power
        if ((width == 8 ? back : <f64>(<f32>back)) == size) break
        power *= 10
        scale++
      }
    }
    if (!(digits < limit)) {
      store<i32>(odd + ((<usize>oddCount) << 2), row)
      oddCount++
      continue
    }
    if (scale == 0) {
      scale = 1
      digits *= 10
    }
    let at = slot + 1
    if (reinterpret<i64>(value) < 0) store<u8>(at++, 45)
    at = putDecimal(at, <i64>digits, scale, powerOfTen(scale))
    store<u8>(slot, <u8>(at - slot - 1))
  }
  return oddCount
}
