import type { Region } from '../memory/index.ts'
import { flatten } from './copy.ts'
import { listVector, structVector } from './make-vector.ts'
import type { FlatVector, Vector } from './vector.ts'

/** The vector without dictionaries or constants at any depth. What is flat already is shared. */
export function deepFlatten(vector: Vector, region: Region): FlatVector {
  const flat = flatten(vector, region)
  if (flat.encoding === 'list')
    return listVector(flat.type, flat.length, flat.offsets, deepFlatten(flat.child, region), flat.validity)
  if (flat.encoding === 'struct') {
    const children = flat.children.map((child) => deepFlatten(child, region))
    return structVector(flat.type, flat.length, children, flat.validity)
  }
  return flat
}
