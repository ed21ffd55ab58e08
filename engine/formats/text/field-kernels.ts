import type { TimeZone } from '../../functions/index.ts'
import {
  booleanKernel,
  dateKernel,
  decimalKernel,
  doubleKernel,
  type FieldKernel,
  integerKernel,
  NO_OFFSET,
  OFFSET_DAYS,
  timestampKernel,
} from '../../kernels/index.ts'
import type { Region } from '../../memory/index.ts'
import type { DataType } from '../../types/index.ts'

/** The kernel that reads fields of a type in their usual form; null if there is none. */
export function fieldKernel(type: DataType): FieldKernel | null {
  switch (type.kind) {
    case 'int8':
      return integerKernel(1)
    case 'int16':
      return integerKernel(2)
    case 'int32':
      return integerKernel(4)
    case 'int64':
      return integerKernel(8)
    case 'float32':
      return doubleKernel(4)
    case 'float64':
      return doubleKernel(8)
    case 'decimal':
      return type.scale > 18 ? null : decimalKernel(type.precision, type.scale)
    case 'boolean':
      return booleanKernel
    case 'date':
      return dateKernel
    case 'timestamp':
    case 'timestamp_ntz':
      return timestampKernel
    default:
      return null
  }
}

/** Powers of ten that a double holds exactly, where kernels find them. */
export function powersOfTen(tables: Region): number {
  const powers = tables.float64(23)
  for (let exponent = 0; exponent < 23; exponent++) powers[exponent] = 10 ** exponent
  return powers.byteOffset
}

/** Days of which the offsets are looked up together. */
const NEIGHBOURS = 64

/**
 * By how many seconds the clocks of a zone are ahead of UTC on each day, where it is the same all day and
 * about it. Days are learnt when one of them is met.
 */
export class DayOffsets {
  readonly #zone: TimeZone
  readonly #offsets: Int32Array

  constructor(zone: TimeZone, tables: Region) {
    this.#zone = zone
    this.#offsets = tables.int32(OFFSET_DAYS).fill(NO_OFFSET)
  }

  get address(): number {
    return this.#offsets.byteOffset
  }

  /** Fills in the days about one, unless that was done. */
  learn(day: number): void {
    const from = Math.floor(day / NEIGHBOURS) * NEIGHBOURS
    if (day < 0 || day >= OFFSET_DAYS || this.#isKnown(from)) return
    for (let each = from; each < Math.min(from + NEIGHBOURS, OFFSET_DAYS); each++) {
      const before = this.#zone.offsetAt((each - 1) * 86_400)
      if (before === this.#zone.offsetAt((each + 2) * 86_400)) this.#offsets[each] = before
    }
  }

  #isKnown(from: number): boolean {
    for (let day = from; day < Math.min(from + NEIGHBOURS, OFFSET_DAYS); day++)
      if (this.#offsets[day] !== NO_OFFSET) return true
    return false
  }
}
