import { EngineError } from '../../errors.ts'

const CHARSETS = ['us-ascii', 'iso-8859-1', 'utf-8', 'utf-16be', 'utf-16le', 'utf-16', 'utf-32'] as const
type Charset = (typeof CHARSETS)[number]

/** The character set of a name, ignoring case. INVALID_PARAMETER_VALUE names those that there are. */
function charsetOf(name: string): Charset {
  const found = CHARSETS.find((charset) => charset === name.toLowerCase())
  if (found !== undefined) return found
  throw new EngineError('INVALID_PARAMETER_VALUE', `there is no character set "${name}"`, {
    hint: `There are ${CHARSETS.join(', ')}.`,
  })
}

/** The bytes of a text. MALFORMED_CHARACTER_CODING if the set lacks one of its characters. */
export function encodeText(text: string, name: string): Uint8Array {
  const charset = charsetOf(name)
  switch (charset) {
    case 'utf-8':
      return Buffer.from(text)
    case 'us-ascii':
    case 'iso-8859-1': {
      const highest = charset === 'us-ascii' ? 0x7f : 0xff
      for (const character of text) if (character.codePointAt(0)! > highest) throw malformed(charset)
      return Buffer.from(text, 'latin1')
    }
    case 'utf-16le':
      return Buffer.from(text, 'utf16le')
    case 'utf-16be':
      return Buffer.from(text, 'utf16le').swap16()
    case 'utf-16':
      return text === ''
        ? new Uint8Array(0)
        : Buffer.concat([Buffer.of(0xfe, 0xff), Buffer.from(text, 'utf16le').swap16()])
    case 'utf-32': {
      const points = [...text].map((character) => character.codePointAt(0)!)
      const bytes = Buffer.alloc(4 * points.length)
      for (const [index, point] of points.entries()) bytes.writeUInt32BE(point, 4 * index)
      return bytes
    }
  }
}

/** The text of bytes. MALFORMED_CHARACTER_CODING if they are none. */
export function decodeBytes(bytes: Uint8Array, name: string): string {
  const charset = charsetOf(name)
  const buffer = Buffer.from(bytes)
  switch (charset) {
    case 'utf-8':
      if (!isValidUtf8(bytes)) throw malformed(charset)
      return buffer.toString('utf8')
    case 'us-ascii':
      if (bytes.some((byte) => byte > 0x7f)) throw malformed(charset)
      return buffer.toString('latin1')
    case 'iso-8859-1':
      return buffer.toString('latin1')
    case 'utf-32': {
      let text = ''
      for (let at = 0; at + 4 <= bytes.length; at += 4) text += String.fromCodePoint(buffer.readUInt32BE(at))
      return text
    }
    default:
      return decodeUtf16(buffer, charset)
  }
}

function decodeUtf16(bytes: Buffer, charset: 'utf-16' | 'utf-16be' | 'utf-16le'): string {
  if (bytes.length % 2 !== 0) throw malformed(charset)
  const isLittle = charset === 'utf-16le' || (charset === 'utf-16' && bytes[0] === 0xff && bytes[1] === 0xfe)
  const text = (isLittle ? bytes : bytes.swap16()).toString('utf16le')
  return charset === 'utf-16' ? text.replace(/^\ufeff/, '') : text
}

/** Whether bytes are UTF-8. */
export function isValidUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}

function malformed(charset: string): EngineError {
  return new EngineError(
    'MALFORMED_CHARACTER_CODING',
    `the value has characters that are not in "${charset}"`,
  )
}
