import { EngineError } from '../../errors.ts'

/**
 * What a match is replaced by: `$1` and `${name}` are groups, a backslash takes the next character as it is.
 */
export function javaReplacement(replacement: string, match: RegExpExecArray): string {
  if (!/[$\\]/.test(replacement)) return replacement
  let result = ''
  for (let at = 0; at < replacement.length; at++) {
    const character = replacement[at]!
    if (character === '\\') {
      if (++at === replacement.length) throw invalid(replacement, 'it ends in a backslash')
      result += replacement[at]
    } else if (character === '$') {
      const [group, end] = groupAt(replacement, at + 1, match)
      result += group
      at = end - 1
    } else result += character
  }
  return result
}

/**
 * The group after a dollar sign, and where its name ends. Digits belong to the number while there is such a
 * group.
 */
function groupAt(replacement: string, start: number, match: RegExpExecArray): readonly [string, number] {
  const named = /^\{([a-zA-Z][a-zA-Z0-9]*)\}/.exec(replacement.slice(start))
  if (named !== null) {
    const name = named[1]!
    if (match.groups === undefined || !(name in match.groups))
      throw invalid(replacement, `there is no group "${name}"`)
    return [match.groups[name] ?? '', start + named[0].length]
  }
  if (!/\d/.test(replacement[start] ?? '')) throw invalid(replacement, 'a dollar sign names no group')
  let number = Number(replacement[start])
  if (number >= match.length) throw invalid(replacement, `there is no group ${number}`)
  let end = start + 1
  for (; /\d/.test(replacement[end] ?? ''); end++) {
    const longer = number * 10 + Number(replacement[end])
    if (longer >= match.length) break
    number = longer
  }
  return [match[number] ?? '', end]
}

function invalid(replacement: string, reason: string): EngineError {
  return new EngineError('INVALID_REGEXP_REPLACE', `the replacement "${replacement}" is invalid: ${reason}`, {
    hint: 'A dollar sign or backslash of its own is written with a backslash before it.',
  })
}
