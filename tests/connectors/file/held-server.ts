import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A range that somebody asked for. */
export interface Asked {
  readonly start: number
  readonly end: number
}

/** An HTTP server with one file, which answers what it is asked for, or holds answers back. */
export class HeldServer {
  /** Ranges asked for, in order, without that of the footer. */
  readonly asked: Asked[] = []
  /** Requests that wait for their answer. */
  readonly held = new Set<() => void>()
  /** Which ranges are held back. */
  holds: (range: Asked) => boolean = () => false
  readonly #bytes: Uint8Array
  readonly #server = createServer((request, response) => this.#answer(request, response))
  #onChange: (() => void) | null = null

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** The URL of the file. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/t.parquet`
  }

  /** Waits until something holds; the test's own deadline ends the wait. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo())
      await new Promise<void>((resolve) => {
        this.#onChange = resolve
      })
  }

  /** Answers what is held back, and holds nothing back any more. */
  release(): void {
    this.holds = () => false
    for (const answer of [...this.held]) answer()
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const bytes = this.#bytes
    const range = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '')
    const start = Number(range?.[1] ?? 0)
    const end = range === null ? bytes.length : Number(range[2]) + 1
    const answer = (): void => {
      this.held.delete(answer)
      const headers = { 'content-length': end - start, 'last-modified': new Date(0).toUTCString() }
      response.writeHead(range === null ? 200 : 206, headers)
      response.end(request.method === 'HEAD' ? undefined : bytes.subarray(start, end))
    }
    response.on('close', () => {
      this.held.delete(answer)
      this.#changed()
    })
    const isData = range !== null && end < bytes.length
    if (isData) this.asked.push({ start, end })
    if (isData && this.holds({ start, end })) this.held.add(answer)
    else answer()
    this.#changed()
  }

  #changed(): void {
    this.#onChange?.()
    this.#onChange = null
  }
}
