import { EngineError } from '../../engine/errors.ts'

/** `host:port`; the host of IPv6 stands in brackets. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** Parts of `host:port` or `[::1]:port`; CONFIG_INVALID for other text. */
export function parseAddress(text: string): Address {
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s/]+)):(\d{1,5})$/.exec(text) ?? []
  const host = bracketed ?? plain
  const port = Number(digits)
  if (host === undefined || port > 65535)
    throw new EngineError('CONFIG_INVALID', `"${text}" is not an address`, {
      hint: 'An address is HOST:PORT, such as 127.0.0.1:7077 or [::1]:7077.',
    })
  return { host, port }
}

export function formatAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** Whether only programs of the same host reach it. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}
