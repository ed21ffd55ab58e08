import type { Vector } from '../../batch/index.ts'
import { EngineError } from '../../errors.ts'
import { typeName } from '../../types/index.ts'
import type { ColumnInput } from './column-input.ts'
import { bigintColumn, booleanColumn, decimalColumn, floatColumn, integerColumn } from './number-columns.ts'
import { textColumn } from './text-columns.ts'
import { dateColumn, timestampColumn } from './time-columns.ts'

/** The vector of one column. Fields that do not fit are NULL and their rows marked bad. */
export function parseColumn(input: ColumnInput): Vector {
  const { type, name } = input.field
  switch (type.kind) {
    case 'int8':
    case 'int16':
    case 'int32':
      return integerColumn(input, type.kind)
    case 'int64':
      return bigintColumn(input)
    case 'float32':
    case 'float64':
      return floatColumn(input)
    case 'decimal':
      return decimalColumn(input, type.precision, type.scale)
    case 'boolean':
      return booleanColumn(input)
    case 'date':
      return dateColumn(input)
    case 'timestamp':
      return timestampColumn(input, true)
    case 'timestamp_ntz':
      return timestampColumn(input, false)
    case 'string':
    case 'binary':
      return textColumn(input)
    default:
      throw new EngineError('UNSUPPORTED_FEATURE', `column "${name}" of type ${typeName(type)} in CSV`, {
        hint: 'CSV holds no nested types; read the column as a string.',
      })
  }
}
