import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { UsageError } from './usage-error.ts'

/** How files of transactions are to be read. */
export interface TransactionFormat {
  readonly format: 'csv' | 'json' | 'parquet'
  readonly encoding: 'utf-8' | 'iso-8859-1'
  /** Pattern of the dates in the files; null: they are ISO dates or typed. */
  readonly dateFormat: string | null
}

const COLUMNS = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country'
const US_DATE = /\b\d{1,2}\/\d{1,2}\/\d{4} \d{1,2}:\d{2}\b/
const GZIP = [0x1f, 0x8b]

/**
 * Tells by their bytes what files hold: Parquet by its magic number, JSON lines by their brace, else CSV.
 * Text is UTF-8 unless its first byte above 127 begins no UTF-8 character. UsageError if a CSV has other
 * columns.
 */
export async function inspectFiles(files: readonly string[]): Promise<TransactionFormat> {
  const [first = ''] = files
  const head = await headOf(first)
  const start = head.toString('latin1').replace(/^\xef\xbb\xbf/, '')
  const dateFormat = US_DATE.test(start) ? 'M/d/yyyy H:mm' : null
  if (start.startsWith('PAR1')) return { format: 'parquet', encoding: 'utf-8', dateFormat: null }
  const header = /^[^\r\n]*/.exec(start)?.[0] ?? ''
  if (header.startsWith('{') && header.includes('"InvoiceNo"'))
    return { format: 'json', encoding: 'utf-8', dateFormat }
  if (header.replaceAll('"', '') !== COLUMNS)
    throw new UsageError(`"${first}" does not begin with the columns of transactions`, `Expected: ${COLUMNS}`)
  return { format: 'csv', encoding: await encodingOf(files), dateFormat }
}

async function headOf(file: string): Promise<Buffer> {
  for await (const chunk of unpacked(file)) return chunk
  throw new UsageError(`"${file}" is empty`)
}

/** Latin-1 if the first character beyond ASCII, in whatever file, is no UTF-8. */
async function encodingOf(files: readonly string[]): Promise<'utf-8' | 'iso-8859-1'> {
  for (const file of files) {
    let found: Buffer = Buffer.alloc(0)
    for await (const chunk of unpacked(file)) {
      // A character may lie in two chunks.
      const bytes = found.length === 0 ? chunk : Buffer.concat([found, chunk])
      found = bytes.subarray(asciiLength(bytes))
      if (found.length >= 4) break
    }
    if (found.length > 0) return beginsUtf8(found) ? 'utf-8' : 'iso-8859-1'
  }
  return 'utf-8'
}

function asciiLength(bytes: Buffer): number {
  let length = 0
  while (length < bytes.length && bytes[length]! < 128) length++
  return length
}

/** Whether the bytes begin with a UTF-8 character of two to four bytes. */
function beginsUtf8(bytes: Buffer): boolean {
  const lead = bytes[0] ?? 0
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0
  if (length === 0 || bytes.length < length) return false
  return bytes.subarray(1, length).every((byte) => byte >> 6 === 0b10)
}

/** The bytes of a file, unpacked if they are gzip. */
async function* unpacked(file: string): AsyncGenerator<Buffer, void, void> {
  const plain = createReadStream(file, { highWaterMark: 1 << 18 })
  let stream: Readable = plain
  try {
    const magic = await firstBytes(file, GZIP.length)
    if (GZIP.every((byte, index) => magic[index] === byte))
      stream = plain.pipe(createGunzip({ chunkSize: 1 << 18 }))
    for await (const chunk of stream) yield chunk as Buffer
  } finally {
    plain.destroy()
    stream.destroy()
  }
}

async function firstBytes(file: string, count: number): Promise<Buffer> {
  for await (const chunk of createReadStream(file, { end: count - 1 })) return chunk as Buffer
  return Buffer.alloc(0)
}
