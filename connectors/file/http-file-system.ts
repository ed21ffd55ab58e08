import type { FileInfo, FileSystem, RandomAccessFile, ReadOptions } from '../../engine/connect/index.ts'
import { EngineError } from '../../engine/errors.ts'

/** Longest wait for an answer, or for the next bytes of one. */
const TIMEOUT_MS = 60_000

/** Files behind http: and https: URLs, read only. Parts of a file need a server that knows byte ranges. */
export const httpFileSystem: FileSystem = {
  latency: 'high',
  open: openUrl,
  stream: streamUrl,
  stat: statUrl,
  list: (path) => refuse(path, 'list'),
  create: (path) => refuse(path, 'write'),
  rename: (path) => refuse(path, 'rename'),
  remove: (path) => refuse(path, 'remove'),
  makeFolder: (path) => refuse(path, 'make folders at'),
}

async function refuse(path: string, verb: string): Promise<never> {
  throw new EngineError('UNSUPPORTED_FEATURE', `cannot ${verb} "${path}": http paths are read only`, {
    hint: 'Name each file by its URL; several are separated by commas.',
  })
}

async function openUrl(url: string, knownBytes?: number): Promise<RandomAccessFile> {
  const sizeBytes = knownBytes ?? (await statUrl(url))?.sizeBytes
  if (sizeBytes === undefined) throw notFound(url)
  return {
    path: url,
    sizeBytes,
    latency: 'high',
    read: (offset, into, options = {}) => readRange(url, offset, into, options),
    async close() {},
  }
}

/** Fills `into` from one answer to a range request. */
async function readRange(
  url: string,
  offset: number,
  into: Uint8Array,
  { signal }: ReadOptions,
): Promise<void> {
  if (into.length === 0) return
  const headers = { range: `bytes=${offset}-${offset + into.length - 1}` }
  const response = await request(url, { headers, signal: signal ?? null })
  if (response.status !== 206 && !(response.status === 200 && offset === 0)) {
    await response.body?.cancel()
    throw notInParts(url, offset, response.status)
  }
  let done = 0
  for await (const piece of piecesOf(url, response)) {
    const part = piece.subarray(0, into.length - done)
    into.set(part, done)
    done += part.length
    if (done === into.length) break
  }
  if (done < into.length) throw endsEarly(url, offset + done)
}

async function* streamUrl(url: string, offset: number, pieceBytes: number): AsyncIterable<Uint8Array> {
  const response = await request(url, offset === 0 ? {} : { headers: { range: `bytes=${offset}-` } })
  if (response.status === 404 || response.status === 410) throw notFound(url)
  if (response.status === 416) return
  if (!response.ok) throw failed(url, `status ${response.status}`)
  let skip = response.status === 206 ? 0 : offset
  for await (const piece of piecesOf(url, response)) {
    const from = Math.min(skip, piece.length)
    skip -= from
    for (let at = from; at < piece.length; at += pieceBytes) yield piece.subarray(at, at + pieceBytes)
  }
}

/** Size by HEAD; servers that do not answer it are asked for the first byte. */
async function statUrl(url: string): Promise<FileInfo | null> {
  const head = await request(url, { method: 'HEAD' })
  if (head.status === 404 || head.status === 410) return null
  const modified = Date.parse(head.headers.get('last-modified') ?? '')
  const modifiedMs = Number.isNaN(modified) ? 0 : modified
  const length = head.headers.get('content-length')
  if (head.ok && length !== null)
    return { path: url, sizeBytes: Number(length), modifiedMs, isDirectory: false }
  const first = await request(url, { headers: { range: 'bytes=0-0' } })
  await first.body?.cancel()
  if (first.status === 404 || first.status === 410) return null
  const total =
    /\/(\d+)$/.exec(first.headers.get('content-range') ?? '')?.[1] ?? first.headers.get('content-length')
  if (!first.ok || total === null)
    throw failed(url, first.ok ? 'the server does not tell its size' : `status ${first.status}`)
  return { path: url, sizeBytes: Number(total), modifiedMs, isDirectory: false }
}

async function* piecesOf(url: string, response: Response): AsyncIterable<Uint8Array> {
  if (response.body === null) return
  const reader = response.body.getReader()
  try {
    for (;;) {
      const { done, value } = await withDeadline(url, reader.read())
      if (done) return
      yield value
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
}

async function request(url: string, init: RequestInit): Promise<Response> {
  // Without this the body would be unpacked on the way, and sizes and offsets would not fit.
  const headers = { ...(init.headers as Record<string, string> | undefined), 'accept-encoding': 'identity' }
  return withDeadline(url, fetch(url, { ...init, headers }))
}

async function withDeadline<T>(url: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${TIMEOUT_MS / 1000} seconds`)), TIMEOUT_MS)
  })
  try {
    return await Promise.race([work, deadline])
  } catch (error) {
    throw failed(url, reasonOf(error), error)
  } finally {
    clearTimeout(timer)
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message
}

function notInParts(url: string, offset: number, status: number): EngineError {
  if (status === 404 || status === 410) return notFound(url)
  if (status === 416) return endsEarly(url, offset)
  if (status !== 200) return failed(url, `status ${status}`)
  return new EngineError('IO_ERROR', `"${url}" cannot be read in parts: the server ignores byte ranges`, {
    position: { file: url, offset },
    hint: 'Download the file, or use a server that answers Range requests.',
  })
}

function endsEarly(url: string, offset: number): EngineError {
  return new EngineError('IO_ERROR', `"${url}" ends at byte ${offset}, before all that was expected`, {
    position: { file: url, offset },
  })
}

function notFound(url: string): EngineError {
  return new EngineError('FILE_NOT_FOUND', `path "${url}" does not exist`, { position: { file: url } })
}

function failed(url: string, reason: string, cause?: unknown): EngineError {
  return new EngineError('IO_ERROR', `cannot access "${url}": ${reason}`, { cause, position: { file: url } })
}
