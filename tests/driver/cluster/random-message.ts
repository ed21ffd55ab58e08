import {
  create,
  type DescField,
  type DescMessage,
  type MessageInitShape,
  ScalarType,
} from '@bufbuild/protobuf'
import { encodePlain } from '../../../proto/messages/index.ts'
import { randomPlain } from '../../proto/messages/random-plain.ts'

const TEXTS = [
  '',
  'x',
  's-000000000000',
  's-000000000000/1',
  '../../etc',
  'w-1',
  'function',
  'shuffle.partitions',
  '\u0000',
]

/** A message of any type with random fields; bytes are nothing, noise, or plain data that is none of ours. */
export function randomMessage<Schema extends DescMessage>(
  schema: Schema,
  random: () => number,
  depth = 4,
): MessageInitShape<Schema> {
  const init: Record<string, unknown> = {}
  for (const oneof of schema.oneofs) {
    const field = oneof.fields[Math.floor(random() * (oneof.fields.length + 0.2))]
    if (field !== undefined)
      init[oneof.localName] = { case: field.localName, value: fieldValue(field, random, depth) }
  }
  for (const field of schema.fields)
    if (field.oneof === undefined && random() < 0.8) init[field.localName] = fieldValue(field, random, depth)
  return create(schema, init as MessageInitShape<Schema>) as MessageInitShape<Schema> // Made field by field.
}

function fieldValue(field: DescField, random: () => number, depth: number): unknown {
  const count = Math.floor(random() * 4)
  switch (field.fieldKind) {
    case 'scalar':
      return scalarValue(field.scalar, random)
    case 'message':
      return depth > 0 ? randomMessage(field.message, random, depth - 1) : undefined
    case 'list': {
      const one = () =>
        field.listKind === 'message'
          ? randomMessage(field.message, random, depth - 1)
          : scalarValue(field.scalar ?? ScalarType.UINT32, random)
      return depth > 0 ? Array.from({ length: count }, one) : []
    }
    case 'map':
      return Object.fromEntries(
        Array.from({ length: count }, () => [pick(TEXTS, random), pick(TEXTS, random)]),
      )
    case 'enum':
      return 0
  }
}

function scalarValue(type: ScalarType, random: () => number): unknown {
  switch (type) {
    case ScalarType.STRING:
      return pick(TEXTS, random)
    case ScalarType.BYTES:
      return bytesOf(random)
    case ScalarType.BOOL:
      return random() < 0.5
    case ScalarType.DOUBLE:
      return pick([0, 1, -1, 0.5, 1e15, Number.NaN, Infinity, -Infinity, 2 ** 53], random)
    case ScalarType.SINT32:
      return pick([0, -1, 2 ** 31 - 1, -(2 ** 31)], random)
    default:
      return pick([0, 0, 1, 2, 3, 1000, 2 ** 31, 2 ** 32 - 1], random)
  }
}

function bytesOf(random: () => number): Uint8Array {
  const kind = random()
  if (kind < 0.2) return new Uint8Array(0)
  if (kind < 0.6) return encodePlain(randomPlain(random, 4))
  return Uint8Array.from({ length: Math.floor(random() * 200) }, () => Math.floor(random() * 256))
}

function pick<T>(values: readonly T[], random: () => number): T {
  return values[Math.floor(random() * values.length)]!
}
