import { getBit, type RecordBatch, type Vector } from '../../batch/index.ts'
import { EngineError } from '../../errors.ts'
import { ByteBuffer, IntBuffer } from './byte-buffer.ts'
import type { Leaf, LeafShape, ListShape, Shape, StructShape } from './schema.ts'

/** Rows of a leaf, taken apart: the reverse of assemble.ts. */
export interface Shredded {
  readonly leaf: Leaf
  /** Holds the values; flat, never dictionary or constant. */
  readonly vector: Vector
  /** Rows of `vector` that are there, in order. */
  readonly rows: IntBuffer
  /** Level of every entry; empty where levels can only be 0. */
  readonly definitions: ByteBuffer
  readonly repetitions: ByteBuffer
  entryCount: number
  /** Whether rows share values of `vector`: it was the dictionary of a column, or constant. */
  readonly isShared: boolean
}

/** Takes rows one at a time: their levels, then their values. */
interface Visitor {
  /** Row `row` of the vector, at the levels of the place around it. */
  visit(row: number, repetition: number, definition: number): void
  /** Nothing is there: a NULL or empty list further out. */
  visitNothing(repetition: number, definition: number): void
}

/** Buffers of what was taken apart of a leaf, for one slice of rows after the other. */
export class ShredBuffers {
  readonly rows = new IntBuffer()
  readonly definitions = new ByteBuffer()
  readonly repetitions = new ByteBuffer()

  /** The same, empty. */
  cleared(): this {
    this.rows.length = 0
    this.definitions.length = 0
    this.repetitions.length = 0
    return this
  }
}

/** The leaves of a column so far, and the buffers that they take, one each. */
interface Leaves {
  readonly list: Shredded[]
  readonly buffers: ShredBuffers[]
}

/**
 * Takes one column of a batch apart: rows [from, to), one result for each leaf of the shape, which lies in
 * `buffers` until they are used again; more are added where they are too few.
 */
export function shred(
  shape: Shape,
  vector: Vector,
  from: number,
  to: number,
  buffers: ShredBuffers[],
): Shredded[] {
  const leaves: Leaves = { list: [], buffers }
  const visitor = visitorOf(shape, vector, leaves)
  if (shape.kind === 'leaf') shredLeaf(shape, vector, from, to, leaves.list[0]!)
  else for (let row = from; row < to; row++) visitor.visit(row, 0, 0)
  return leaves.list
}

/** A column without nesting: no visitor a row. */
function shredLeaf(shape: LeafShape, vector: Vector, from: number, to: number, out: Shredded): void {
  const { validity } = vector
  const lookUp = entryOf(vector)
  out.rows.reserve(to - from)
  out.definitions.reserve(to - from)
  const rows = out.rows.values
  let count = 0
  if (validity === null && lookUp === null) for (let row = from; row < to; row++) rows[count++] = row
  else
    for (let row = from; row < to; row++)
      if (validity === null || getBit(validity, row)) rows[count++] = lookUp === null ? row : lookUp(row)
  if (count < to - from && !shape.nullable) throw nullError(shape)
  out.rows.length = count
  out.entryCount = to - from
  if (!shape.nullable) return
  const levels = out.definitions.bytes
  if (validity === null) levels.fill(1, 0, to - from)
  else for (let row = from, at = 0; row < to; row++) levels[at++] = getBit(validity, row) ? 1 : 0
  out.definitions.length = to - from
}

function nullError(shape: Shape): Error {
  return new EngineError('NOT_NULL_CONSTRAINT_VIOLATION', `column "${shape.name}" is NOT NULL but has a NULL`)
}

/** Which row of the flat vector a row is; null if it is the same. */
function entryOf(vector: Vector): ((row: number) => number) | null {
  if (vector.encoding === 'dictionary') {
    const { codes } = vector
    return (row) => codes[row]!
  }
  return vector.encoding === 'constant' ? () => 0 : null
}

/** The vector that holds the values. */
function valuesOf(vector: Vector): Vector {
  if (vector.encoding === 'dictionary') return vector.dictionary
  return vector.encoding === 'constant' ? vector.value : vector
}

function visitorOf(shape: Shape, vector: Vector, leaves: Leaves): Visitor {
  if (shape.kind === 'leaf') return leafVisitor(shape, vector, leaves)
  return shape.kind === 'struct' ? structVisitor(shape, vector, leaves) : listVisitor(shape, vector, leaves)
}

function leafVisitor(shape: LeafShape, vector: Vector, leaves: Leaves): Visitor {
  const { list, buffers } = leaves
  const own = buffers[list.length] ?? new ShredBuffers()
  buffers[list.length] = own
  const { rows, definitions, repetitions } = own.cleared()
  const { leaf, nullable } = shape
  const values = valuesOf(vector)
  const isShared = values !== vector
  const out: Shredded = { leaf, vector: values, rows, definitions, repetitions, entryCount: 0, isShared }
  list.push(out)
  const { validity } = vector
  const lookUp = entryOf(vector)
  const push = (repetition: number, definition: number) => {
    out.entryCount++
    if (leaf.maxDefinition > 0) definitions.byte(definition)
    if (leaf.maxRepetition > 0) repetitions.byte(repetition)
  }
  return {
    visit(row, repetition, definition) {
      if (validity !== null && !getBit(validity, row)) {
        if (!nullable) throw nullError(shape)
        push(repetition, definition)
        return
      }
      push(repetition, nullable ? definition + 1 : definition)
      rows.push(lookUp === null ? row : lookUp(row))
    },
    visitNothing: push,
  }
}

function structVisitor(shape: StructShape, vector: Vector, leaves: Leaves): Visitor {
  const flat = valuesOf(vector)
  const members = flat.encoding === 'struct' ? flat.children : []
  const children = shape.children.map((child, index) => visitorOf(child, members[index]!, leaves))
  const { validity } = vector
  const lookUp = entryOf(vector)
  const visitNothing = (repetition: number, definition: number) => {
    for (const child of children) child.visitNothing(repetition, definition)
  }
  return {
    visit(row, repetition, definition) {
      if (validity !== null && !getBit(validity, row)) {
        if (!shape.nullable) throw nullError(shape)
        visitNothing(repetition, definition)
        return
      }
      const entry = lookUp === null ? row : lookUp(row)
      const inner = shape.nullable ? definition + 1 : definition
      for (const child of children) child.visit(entry, repetition, inner)
    },
    visitNothing,
  }
}

function listVisitor(shape: ListShape, vector: Vector, leaves: Leaves): Visitor {
  const flat = valuesOf(vector)
  if (flat.encoding !== 'list') throw new Error(`vector of column "${shape.name}" is no list`)
  const { offsets } = flat
  const child = visitorOf(shape.child, flat.child, leaves)
  const { validity } = vector
  const lookUp = entryOf(vector)
  return {
    visit(row, repetition, definition) {
      if (validity !== null && !getBit(validity, row)) {
        if (!shape.nullable) throw nullError(shape)
        child.visitNothing(repetition, definition)
        return
      }
      const entry = lookUp === null ? row : lookUp(row)
      const inner = shape.nullable ? definition + 1 : definition
      const start = offsets[entry]!
      const end = offsets[entry + 1]!
      if (start === end) child.visitNothing(repetition, inner)
      for (let i = start; i < end; i++) child.visit(i, i === start ? repetition : shape.repetition, inner + 1)
    },
    visitNothing: (repetition, definition) => child.visitNothing(repetition, definition),
  }
}

/** The columns of a batch by shape. */
export function checkColumns(shapes: readonly Shape[], batch: RecordBatch): void {
  if (shapes.length !== batch.columns.length)
    throw new EngineError(
      'SCHEMA_MISMATCH',
      `a batch has ${batch.columns.length} columns, the file ${shapes.length}`,
    )
}
