import { EngineError } from '../../engine/errors.ts'

/**
 * `t.a` as its parts; a part in backticks may hold dots: `` t.`a.b` ``. INVALID_ARGUMENT for an open
 * backtick.
 */
export function splitName(name: string): string[] {
  if (!name.includes('`')) return name.split('.')
  const parts: string[] = []
  const pattern = /`((?:[^`]|``)+)`|([^.`]+)/y
  for (let at = 0; at <= name.length; at++) {
    pattern.lastIndex = at
    const match = pattern.exec(name)
    if (match === null) throw badName(name)
    parts.push(match[1]?.replaceAll('``', '`') ?? match[2]!)
    at = pattern.lastIndex
    if (at < name.length && name[at] !== '.') throw badName(name)
  }
  return parts
}

function badName(name: string): EngineError {
  return new EngineError('INVALID_ARGUMENT', `"${name}" is not a column name`, {
    hint: 'Put backticks around parts with dots: t.`a.b`.',
  })
}
