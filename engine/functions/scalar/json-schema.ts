import { EngineError } from '../../errors.ts'
import { commonType, type DataType, decimalType, listType, structType, types } from '../../types/index.ts'
import { type JsonNode, parseJson } from './json-tree.ts'

/** The type of a JSON text as DDL: `STRUCT<a: BIGINT>`. INVALID_ARGUMENT if it is no JSON. */
export function schemaOfJson(text: string): string {
  const node = parseJson(text)
  if (node === undefined) throw new EngineError('INVALID_ARGUMENT', `the text "${text}" is no JSON`)
  return ddlOf(typeOf(node))
}

function typeOf(node: JsonNode): DataType {
  switch (node.kind) {
    case 'null':
      return types.null
    case 'boolean':
      return types.boolean
    case 'string':
      return types.string
    case 'number': {
      if (/[.eE]/.test(node.text)) return types.float64
      const value = BigInt(node.text)
      if (BigInt.asIntN(64, value) === value) return types.int64
      const digits = node.text.replace('-', '').length
      return digits > 38 ? types.float64 : decimalType(digits, 0)
    }
    case 'array':
      return listType(node.items.map(typeOf).reduce(merged, types.null))
    case 'object': {
      const fields = node.members.map(([name, value]) => ({ name, type: typeOf(value), nullable: true }))
      return structType(fields.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)))
    }
  }
}

/** A type for both; what has none in common is read as text. */
function merged(a: DataType, b: DataType): DataType {
  if (a.kind === 'struct' && b.kind === 'struct') {
    const names = [...new Set([...a.fields, ...b.fields].map(({ name }) => name))].sort()
    const typeIn = (type: typeof a, name: string) =>
      type.fields.find((field) => field.name === name)?.type ?? types.null
    return structType(
      names.map((name) => ({ name, type: merged(typeIn(a, name), typeIn(b, name)), nullable: true })),
    )
  }
  if (a.kind === 'list' && b.kind === 'list') return listType(merged(a.element, b.element))
  if (a.kind === 'string' || b.kind === 'string') return types.string
  return commonType(a, b) ?? types.string
}

const NAMES: Readonly<Record<string, string>> = {
  null: 'STRING',
  string: 'STRING',
  boolean: 'BOOLEAN',
  int64: 'BIGINT',
  float64: 'DOUBLE',
}

function ddlOf(type: DataType): string {
  if (type.kind === 'list') return `ARRAY<${ddlOf(type.element)}>`
  if (type.kind === 'decimal') return `DECIMAL(${type.precision},${type.scale})`
  if (type.kind !== 'struct') return NAMES[type.kind] ?? 'STRING'
  const name = (text: string) => (/^[A-Za-z_]\w*$/.test(text) ? text : `\`${text.replaceAll('`', '``')}\``)
  return `STRUCT<${type.fields.map((field) => `${name(field.name)}: ${ddlOf(field.type)}`).join(', ')}>`
}
