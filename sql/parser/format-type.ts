import type { TypeName } from './ast.ts'

/** The type as Spark's SQL writes it: `INT`, `DECIMAL(10,2)`, `ARRAY<INT>`, `STRUCT<a: INT NOT NULL>`. */
export function formatType(type: TypeName): string {
  switch (type.name) {
    case 'array':
      return `ARRAY<${nested(type.element)}>`
    case 'map':
      return `MAP<${nested(type.key)}, ${nested(type.value)}>`
    case 'struct':
      return `STRUCT<${(type.fields ?? []).map(formatField).join(', ')}>`
    case 'decimal':
      return `DECIMAL(${type.args[0] ?? 10},${type.args[1] ?? 0})`
    default:
      return type.name.toUpperCase()
  }
}

function nested(type: TypeName | undefined): string {
  return type === undefined ? 'VOID' : formatType(type)
}

function formatField({ name, type, nullable, comment }: NonNullable<TypeName['fields']>[number]): string {
  const notNull = nullable ? '' : ' NOT NULL'
  return `${name}: ${formatType(type)}${notNull}${comment === undefined ? '' : ` COMMENT '${comment}'`}`
}
