import { type DataType, type Field, listType, mapType, structType } from '../../types/index.ts'
import { corrupt, type Place } from './corrupt-file.ts'
import { CONVERTED, PHYSICAL, type Physical, REPETITION, type SchemaElement } from './format.ts'
import { type Conversion, leafType } from './leaf-type.ts'

/**
 * A column of values as the file stores it. Levels say what is NULL and where lists begin: a value is there
 * when its definition level is `maxDefinition`; a repetition level of 0 starts a row.
 */
export interface Leaf {
  /** Position among the leaves of the schema, and so among the chunks of a row group. */
  readonly index: number
  readonly path: readonly string[]
  readonly physical: Physical
  /** Bytes of a FIXED_LEN_BYTE_ARRAY; 0 else. */
  readonly typeLength: number
  readonly maxDefinition: number
  readonly maxRepetition: number
  /** Definition level from which an entry is an element of the innermost list; 0 outside lists. */
  readonly slotDefinition: number
  readonly type: DataType
  readonly conversion: Conversion
}

interface ShapeBase {
  readonly name: string
  readonly type: DataType
  readonly nullable: boolean
  /** Definition level from which it is not NULL. */
  readonly definition: number
}

/** How the levels of leaves make up a column. */
export type Shape = LeafShape | StructShape | ListShape

export interface LeafShape extends ShapeBase {
  readonly kind: 'leaf'
  readonly leaf: Leaf
}

export interface StructShape extends ShapeBase {
  readonly kind: 'struct'
  readonly children: readonly Shape[]
}

/** A list or map; the child of a map is the struct of its entries. */
export interface ListShape extends ShapeBase {
  readonly kind: 'list'
  /** Definition level from which there is an element, be it NULL. */
  readonly elementDefinition: number
  /** Repetition level of its further elements. */
  readonly repetition: number
  readonly child: Shape
}

/** The columns of a file and its leaves. */
export interface FileShape {
  readonly columns: readonly Shape[]
  readonly leaves: readonly Leaf[]
}

/** The tree of schema elements. */
interface Node {
  readonly element: SchemaElement
  readonly path: readonly string[]
  readonly children: readonly Node[]
}

/** Levels of the place where a node stands. */
interface Levels {
  readonly definition: number
  readonly repetition: number
  readonly slotDefinition: number
}

const MAX_DEPTH = 64

/** The columns of a schema; CORRUPT_FILE if it is no tree, UNSUPPORTED_FEATURE for types that we lack. */
export function fileShape(elements: readonly SchemaElement[], place: Place): FileShape {
  const builder = new ShapeBuilder(elements, place)
  return { columns: builder.columns(), leaves: builder.leaves }
}

class ShapeBuilder {
  readonly leaves: Leaf[] = []
  readonly #elements: readonly SchemaElement[]
  readonly #place: Place
  #next = 0

  constructor(elements: readonly SchemaElement[], place: Place) {
    this.#elements = elements
    this.#place = place
  }

  columns(): Shape[] {
    const root = this.#node([], 0)
    if (this.#next !== this.#elements.length) throw corrupt(this.#place, 'the schema has more than one root')
    const top: Levels = { definition: 0, repetition: 0, slotDefinition: 0 }
    return root.children.map((child) => this.#shape(child, top))
  }

  /** Takes the next element and all below it. */
  #node(parent: readonly string[], depth: number): Node {
    const element = this.#elements[this.#next++]
    if (element === undefined) throw corrupt(this.#place, 'the schema is cut off')
    if (depth > MAX_DEPTH) throw corrupt(this.#place, `the schema nests deeper than ${MAX_DEPTH}`)
    const path = depth === 0 ? [] : [...parent, element.name]
    const count = element.childCount ?? 0
    const isGroup = depth === 0 || element.type === undefined
    if (count < 0 || count > this.#elements.length - this.#next || (isGroup && depth > 0 && count === 0))
      throw corrupt(this.#place, `group "${path.join('.')}" has ${count} members`)
    const children: Node[] = []
    if (isGroup) for (let i = 0; i < count; i++) children.push(this.#node(path, depth + 1))
    return { element, path, children }
  }

  /** A node as its repetition makes it: a repeated one outside LIST and MAP is a list of itself. */
  #shape(node: Node, levels: Levels): Shape {
    if (node.element.repetition !== REPETITION.REPEATED) return this.#single(node, levels)
    const child = this.#single(node, repeated(levels), true)
    return this.#listOf(node.element.name, false, levels.definition, repeated(levels), child)
  }

  #listOf(name: string, nullable: boolean, definition: number, levels: Levels, child: Shape): ListShape {
    const { definition: elementDefinition, repetition } = levels
    return {
      kind: 'list',
      name,
      type: listType(child.type),
      nullable,
      definition,
      elementDefinition,
      repetition,
      child,
    }
  }

  /** A node taken once. `isElement`: its repetition is already accounted for. */
  #single(node: Node, levels: Levels, isElement = false): Shape {
    const nullable = !isElement && node.element.repetition === REPETITION.OPTIONAL
    const inner = nullable ? { ...levels, definition: levels.definition + 1 } : levels
    if (node.children.length === 0) return this.#leaf(node, inner, nullable)
    const { convertedType, logicalType } = node.element
    const only = node.children.length === 1 ? node.children[0] : undefined
    if (only !== undefined && only.element.repetition === REPETITION.REPEATED) {
      if (logicalType?.list !== undefined || convertedType === CONVERTED.LIST)
        return this.#list(node, only, inner, nullable)
      const isMap = convertedType === CONVERTED.MAP || convertedType === CONVERTED.MAP_KEY_VALUE
      if ((logicalType?.map !== undefined || isMap) && only.children.length === 2)
        return this.#map(node, only, inner, nullable)
    }
    const children = node.children.map((child) => this.#shape(child, inner))
    const { name } = node.element
    const type = structType(children.map(fieldOf))
    return { kind: 'struct', name, type, nullable, definition: inner.definition, children }
  }

  /** LIST: three levels, or two as old writers did; then the repeated node is itself the element. */
  #list(node: Node, repeatedNode: Node, levels: Levels, nullable: boolean): Shape {
    const { name } = repeatedNode.element
    const isElement =
      repeatedNode.children.length !== 1 || name === 'array' || name === `${node.element.name}_tuple`
    const below = repeated(levels)
    const child = isElement
      ? this.#single(repeatedNode, below, true)
      : this.#shape(repeatedNode.children[0] as Node, below)
    return this.#listOf(node.element.name, nullable, levels.definition, below, child)
  }

  #map(node: Node, entry: Node, levels: Levels, nullable: boolean): Shape {
    const below = repeated(levels)
    const children = entry.children.map((child) => this.#shape(child, below))
    const [key, value] = children as [Shape, Shape]
    const type = mapType(key.type, value.type)
    const fields: Field[] = [
      { name: 'key', type: key.type, nullable: false },
      { name: 'value', type: value.type, nullable: true },
    ]
    const child: StructShape = {
      kind: 'struct',
      name: 'entries',
      type: structType(fields),
      nullable: false,
      definition: below.definition,
      children,
    }
    return { ...this.#listOf(node.element.name, nullable, levels.definition, below, child), type }
  }

  #leaf(node: Node, levels: Levels, nullable: boolean): LeafShape {
    const { element, path } = node
    const physical = PHYSICAL[element.type ?? -1]
    if (physical === undefined)
      throw corrupt(this.#place, `column "${path.join('.')}" has the unknown physical type ${element.type}`)
    const typeLength = physical === 'FIXED_LEN_BYTE_ARRAY' ? (element.typeLength ?? 0) : 0
    if (physical === 'FIXED_LEN_BYTE_ARRAY' && (typeLength <= 0 || typeLength > 1 << 20))
      throw corrupt(this.#place, `column "${path.join('.')}" has values of ${typeLength} bytes`)
    const { type, conversion } = leafType(element, physical, path.join('.'), this.#place)
    const leaf: Leaf = {
      index: this.leaves.length,
      path,
      physical,
      typeLength,
      maxDefinition: levels.definition,
      maxRepetition: levels.repetition,
      slotDefinition: levels.slotDefinition,
      type,
      conversion,
    }
    this.leaves.push(leaf)
    return { kind: 'leaf', name: element.name, type, nullable, definition: levels.definition, leaf }
  }
}

function repeated(levels: Levels): Levels {
  const definition = levels.definition + 1
  return { definition, repetition: levels.repetition + 1, slotDefinition: definition }
}

/** The field that a shape is. */
export function fieldOf(shape: Shape): Field {
  return { name: shape.name, type: shape.type, nullable: shape.nullable }
}

/** The leaves below a shape, in order. */
export function leavesOf(shape: Shape): readonly Leaf[] {
  if (shape.kind === 'leaf') return [shape.leaf]
  if (shape.kind === 'list') return leavesOf(shape.child)
  return shape.children.flatMap(leavesOf)
}
