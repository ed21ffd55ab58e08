import type { DataType, Value } from '../../types/index.ts'
import type { QuerySettings } from '../scalar-function.ts'
import { datetimePattern } from './datetime-pattern.ts'
import { valueFormatter } from './format-value.ts'
import type { JsonOptions } from './json-convert.ts'
import { timeZone, UTC } from './time-zone.ts'

type Write = (value: Value) => string

/**
 * The function that writes values of a type as JSON. Members that are NULL are left out unless
 * ignoreNullFields is false.
 */
export function jsonWriter(type: DataType, options: JsonOptions, settings: QuerySettings): Write {
  const write = validWriter(type, options, settings)
  return (value) => (value === null ? 'null' : write(value))
}

function validWriter(type: DataType, options: JsonOptions, settings: QuerySettings): Write {
  switch (type.kind) {
    case 'struct':
      return structWriter(type, options, settings)
    case 'list': {
      const element = jsonWriter(type.element, options, settings)
      return (value) => `[${(value as readonly Value[]).map(element).join(',')}]`
    }
    case 'map': {
      const key = valueFormatter(type.key, settings)
      const item = jsonWriter(type.value, options, settings)
      return (value) =>
        `{${(value as readonly (readonly [Value, Value])[])
          .map((entry) => `${JSON.stringify(key(entry[0]))}:${item(entry[1])}`)
          .join(',')}}`
    }
    case 'string':
      return (value) => JSON.stringify(value)
    case 'binary':
      return (value) => JSON.stringify(Buffer.from(value as Uint8Array).toString('base64'))
    case 'float32':
    case 'float64': {
      const format = valueFormatter(type, settings)
      return (value) => (Number.isFinite(value) ? format(value) : JSON.stringify(format(value)))
    }
    case 'date': {
      const pattern = datetimePattern(options.get('dateformat') ?? 'yyyy-MM-dd')
      return (value) => JSON.stringify(pattern.format(BigInt(value as number) * 86_400_000_000n, UTC))
    }
    case 'timestamp': {
      const pattern = datetimePattern(options.get('timestampformat') ?? "yyyy-MM-dd'T'HH:mm:ss.SSSXXX")
      const zone = timeZone(options.get('timezone') ?? settings.timeZone)
      return (value) => JSON.stringify(pattern.format(value as bigint, zone))
    }
    case 'timestamp_ntz': {
      const pattern = datetimePattern(options.get('timestampntzformat') ?? "yyyy-MM-dd'T'HH:mm:ss.SSS")
      return (value) => JSON.stringify(pattern.format(value as bigint, UTC))
    }
    case 'interval_ym':
    case 'interval_dt': {
      const format = valueFormatter(type, settings)
      return (value) => JSON.stringify(format(value))
    }
    default:
      return valueFormatter(type, settings)
  }
}

function structWriter(
  type: Extract<DataType, { kind: 'struct' }>,
  options: JsonOptions,
  settings: QuerySettings,
): Write {
  const keepNulls = options.get('ignorenullfields')?.toLowerCase() === 'false'
  const members = type.fields.map((field) => jsonWriter(field.type, options, settings))
  const names = type.fields.map(({ name }) => JSON.stringify(name))
  return (value) => {
    const parts: string[] = []
    for (const [index, member] of (value as readonly Value[]).entries())
      if (member !== null || keepNulls) parts.push(`${names[index]}:${members[index]!(member)}`)
    return `{${parts.join(',')}}`
  }
}
