import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { EngineError } from '../engine/errors.ts'
import { type CertificatePair, issueCertificate, makeAuthority } from '../proto/certificates/index.ts'
import { type Arguments, type Command, exitCodes } from './arguments.ts'
import { reportError } from './report-error.ts'

const AUTHORITY_DAYS = 3650
const CERTIFICATE_DAYS = 365
const MAX_DAYS = 36_500
const AUTHORITY = 'ca'

/** `millrace certs`: a certificate authority for a cluster and the certificates of its processes. */
export const certsCommand: Command = {
  name: 'certs',
  summary: 'make a certificate authority and certificates for a cluster',
  usage: 'init DIR | issue DIR NAME [--host HOST]…',
  flags: [
    {
      name: 'host',
      value: 'HOST',
      multiple: true,
      usage: 'name or IP address at which others reach the process; may be repeated',
    },
    {
      name: 'days',
      value: 'N',
      usage: `how long it is valid (default: ${AUTHORITY_DAYS} for init, ${CERTIFICATE_DAYS} for issue)`,
    },
  ],
  notes: [
    'init DIR makes the authority: DIR/ca.pem, which all need, and DIR/ca-key.pem, which stays here.',
    'issue DIR NAME makes DIR/NAME.pem and DIR/NAME-key.pem, for driver, worker (with --host) or client.',
    'For example: millrace certs issue certs driver --host driver.example.com --host 10.0.0.5',
    'Files can be read by their owner only, and none is overwritten.',
  ],
  run,
}

async function run(args: Arguments): Promise<number> {
  const [action, folder, name, ...rest] = args.positionals
  try {
    if (action === 'init' && folder !== undefined && name === undefined) initialize(folder, args)
    else if (action === 'issue' && name !== undefined && folder !== undefined && rest.length === 0)
      issue(folder, name, args)
    else
      throw new EngineError('CONFIG_INVALID', 'certs takes "init DIR" or "issue DIR NAME"', {
        hint: 'See millrace certs --help.',
      })
    return exitCodes.ok
  } catch (error) {
    reportError(error)
    return error instanceof EngineError && error.code === 'CONFIG_INVALID'
      ? exitCodes.usage
      : exitCodes.failed
  }
}

function initialize(folder: string, args: Arguments): void {
  if (args.has('host')) throw new EngineError('CONFIG_INVALID', 'an authority has no --host')
  const days = daysOf(args, AUTHORITY_DAYS)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  store(folder, AUTHORITY, makeAuthority('millrace', days))
}

function issue(folder: string, name: string, args: Arguments): void {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name) || name === AUTHORITY || name.endsWith('-key'))
    throw new EngineError('CONFIG_INVALID', `"${name}" cannot be the name of a certificate`, {
      hint: 'It becomes the name of a file: letters, digits, ".", "_" and "-"; not "ca".',
    })
  const hosts = args.all('host').flatMap((value) => value.split(','))
  for (const host of hosts)
    if (isIP(host) === 0 && !/^(\*\.)?[A-Za-z0-9.-]+$/.test(host))
      throw new EngineError('CONFIG_INVALID', `"${host}" is not a host`, {
        hint: 'A host is a name such as worker-1.example.com or an IP address, without a port.',
      })
  const days = daysOf(args, CERTIFICATE_DAYS)
  const authority = { certificate: read(folder, 'ca.pem'), key: read(folder, 'ca-key.pem') }
  store(folder, name, issueCertificate(authority, name, hosts, days))
}

function daysOf(args: Arguments, usual: number): number {
  const text = args.one('days') ?? String(usual)
  const days = Number(text)
  if (!/^\d+$/.test(text) || days < 1 || days > MAX_DAYS)
    throw new EngineError('CONFIG_INVALID', `"${text}" is not a number of days`, {
      hint: `It goes from 1 to ${MAX_DAYS}.`,
    })
  return days
}

function read(folder: string, file: string): string {
  try {
    return readFileSync(join(folder, file), 'utf8')
  } catch (cause) {
    throw new EngineError('FILE_NOT_FOUND', `cannot read "${join(folder, file)}"`, {
      cause,
      hint: `"millrace certs init ${folder}" makes the authority.`,
    })
  }
}

/** Writes both files, or none if one is there already. */
function store(folder: string, name: string, pair: CertificatePair): void {
  const [certificate, key] = [join(folder, `${name}.pem`), join(folder, `${name}-key.pem`)]
  for (const path of [certificate, key])
    if (existsSync(path))
      throw new EngineError('PATH_ALREADY_EXISTS', `file "${path}" exists`, {
        hint: 'Remove it first if it is no longer needed, or take another name.',
      })
  writePrivate(key, pair.key)
  writePrivate(certificate, pair.certificate)
  process.stdout.write(`${certificate}\n${key}\n`)
}

function writePrivate(path: string, text: string): void {
  try {
    writeFileSync(path, text, { mode: 0o600, flag: 'wx' })
    chmodSync(path, 0o600)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new EngineError('IO_ERROR', `cannot write "${path}": ${reason}`, { cause })
  }
}
