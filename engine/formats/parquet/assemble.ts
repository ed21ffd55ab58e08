import { listVector, setBit, structVector, type Vector } from '../../batch/index.ts'
import type { Region } from '../../memory/index.ts'
import { corrupt, type Place } from './corrupt-file.ts'
import type { LeafData } from './nested-reader.ts'
import { type ListShape, leavesOf, type Shape, type StructShape } from './schema.ts'

/** The innermost list around a shape: which entries are its slots. */
interface Slots {
  /** Entries with a larger repetition level belong to lists further in. */
  readonly repetition: number
  /** Entries with a smaller definition level are no element. */
  readonly definition: number
}

/**
 * The column that levels describe. Levels of any leaf below a list or struct tell its offsets and validity:
 *
 * ```
 * list<int>   [1,2]  []  NULL  [NULL]        list 0 = NULL · 1 = empty · 2 = element NULL · 3 = element there
 * repetition   0 1   0    0     0
 * definition   3 3   1    0     2
 * offsets      0     2    2     2     3
 * ```
 */
export function assemble(
  shape: Shape,
  leaves: ReadonlyMap<number, LeafData>,
  place: Place,
  region: Region,
): Vector {
  return new Assembler(leaves, place, region).vector(shape, { repetition: 0, definition: 0 })
}

class Assembler {
  readonly #leaves: ReadonlyMap<number, LeafData>
  readonly #place: Place
  readonly #region: Region

  constructor(leaves: ReadonlyMap<number, LeafData>, place: Place, region: Region) {
    this.#leaves = leaves
    this.#place = place
    this.#region = region
  }

  vector(shape: Shape, slots: Slots): Vector {
    if (shape.kind === 'leaf') return this.#leaves.get(shape.leaf.index)!.vector
    return shape.kind === 'struct' ? this.#struct(shape, slots) : this.#list(shape, slots)
  }

  #struct(shape: StructShape, slots: Slots): Vector {
    const children = shape.children.map((child) => this.vector(child, slots))
    const { length } = children[0]!
    for (const child of children)
      if (child.length !== length)
        throw corrupt(this.#place, `members of struct "${shape.name}" differ in length`)
    if (!shape.nullable) return structVector(shape.type, length, children)
    const data = this.#levels(shape)
    const validity = this.#region.bitmap(length)
    const rows = structValidity(data, slots, shape.definition, validity)
    if (rows !== length)
      throw corrupt(this.#place, `struct "${shape.name}" has ${rows} rows, its members ${length}`)
    return structVector(shape.type, length, children, validity)
  }

  #list(shape: ListShape, slots: Slots): Vector {
    const { repetition, elementDefinition } = shape
    const child = this.vector(shape.child, { repetition, definition: elementDefinition })
    const data = this.#levels(shape)
    const offsets = this.#region.int32(data.entryCount + 1)
    const validity = this.#region.bitmap(data.entryCount)
    const rows = listOffsets(data, slots, shape, offsets, validity)
    if (offsets[rows] !== child.length)
      throw corrupt(
        this.#place,
        `list "${shape.name}" has ${offsets[rows]} elements, its members ${child.length}`,
      )
    return listVector(
      shape.type,
      rows,
      offsets.subarray(0, rows + 1),
      child,
      shape.nullable ? validity : null,
    )
  }

  #levels(shape: Shape): LeafData {
    return this.#leaves.get(leavesOf(shape)[0]!.index)!
  }
}

/** Sets the bits of structs that are there; gives the number of rows. */
function structValidity(data: LeafData, slots: Slots, definition: number, validity: Uint8Array): number {
  const { definitions, repetitions, entryCount } = data
  const hasLists = repetitions.length > 0
  let row = 0
  for (let i = 0; i < entryCount; i++) {
    const level = definitions[i]!
    if (level < slots.definition || (hasLists && repetitions[i]! > slots.repetition)) continue
    if (level >= definition) setBit(validity, row)
    row++
  }
  return row
}

/** Writes offsets and validity of lists; gives the number of rows. */
function listOffsets(
  data: LeafData,
  slots: Slots,
  shape: ListShape,
  offsets: Int32Array,
  validity: Uint8Array,
): number {
  const { definitions, repetitions, entryCount } = data
  const { definition, elementDefinition, repetition } = shape
  let row = 0
  let elements = 0
  offsets[0] = 0
  for (let i = 0; i < entryCount; i++) {
    const level = definitions[i]!
    const depth = repetitions[i]!
    if (depth > repetition || level < slots.definition) continue
    if (level >= elementDefinition) elements++
    if (depth === repetition) {
      // A further element of the row before.
      offsets[row] = elements
      continue
    }
    if (level >= definition) setBit(validity, row)
    offsets[++row] = elements
  }
  return row
}
