import type { Fault, SourceFile } from './fault.ts'
import { type Comment, scan } from './scan.ts'

/**
 * What a line of code that was commented out looks like. Sentences may mention code, but do not look like
 * this.
 */
const CODE = [
  /^(?:const|let|var)\s+[\w${[][^.]*[=:]/,
  /^(?:import|export)\s.*(?:\bfrom\s+['"]|[={(])/,
  /^(?:if|for|while|switch|catch)\s*\(.*\)\s*(?:\{|return\b|continue\b|break\b|throw\b|\w+\(.*\))/,
  /^(?:return|throw|await|yield)\b.*[;()\]}]$/,
  /^(?:async\s+)?function\b.*[({]$/,
  /^(?:this\.)?[\w.#[\]]+\([^)]*\);?$/,
  /^(?:this\.)?[\w.#[\]]+\s*(?:[-+*/|&^]|\|\||&&|\?\?)?=\s*[^=].*;$/,
  /^\}(?:\s*else\b.*|\))?;?$/,
]

/** Comments that are no sentences: old code, authors, licences, and work left undone without an issue. */
export function checkComments(file: SourceFile): Fault[] {
  return scan(file.text).comments.flatMap((comment) => {
    const message = faultOf(comment)
    return message === null ? [] : [{ path: file.path, line: comment.line, rule: 'comments', message }]
  })
}

function faultOf({ kind, text, line }: Comment): string | null {
  if (/\b(?:TODO|FIXME|HACK)\b/.test(text) && !/\bTODO\s*\(?#\d+/.test(text)) {
    return 'work left undone needs an issue number: TODO(#12)'
  }
  if (/@author\b/.test(text)) return 'git knows the author'
  if (line <= 5 && /\bcopyright\b|\blicen[cs]ed under\b|SPDX-/i.test(text))
    return 'LICENSE speaks for all files'
  const lines = kind === 'doc' ? [] : text.split('\n').map((part) => part.trim())
  return lines.some((part) => CODE.some((pattern) => pattern.test(part)))
    ? 'this looks like code commented out'
    : null
}
