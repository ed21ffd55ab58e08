import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import type { MessageInitShape } from '@bufbuild/protobuf'
import { parseMaster } from '../driver/session/index.ts'
import { EngineError } from '../engine/errors.ts'
import { Driver, type ProgramPieceSchema } from '../proto/cluster/index.ts'
import { type ClientSecurity, connectGrpc } from '../proto/grpc/index.ts'

const PIECE_BYTES = 256 * 1024
const CONNECT_MS = 10_000
/** How long it may take to send the bundle. */
const SEND_MS = 120_000

/** A bundled program on its way to a driver. */
export interface DetachedProgram {
  readonly script: string
  readonly bundle: string
  readonly args: readonly string[]
  /** Settings by the names of flags. */
  readonly settings: Readonly<Record<string, string>>
}

/** Leaves a program with the driver, which runs it from now on; gives its id. */
export async function submitDetached(
  master: string | undefined,
  security: ClientSecurity,
  program: DetachedProgram,
): Promise<string> {
  const place = master === undefined ? null : parseMaster(master)
  if (place?.kind !== 'cluster')
    throw new EngineError('CONFIG_INVALID', '--detach needs the address of a driver', {
      hint: 'Give --master millrace://HOST:PORT.',
    })
  const connection = connectGrpc({ address: place.address, security })
  try {
    await connection.ready(CONNECT_MS)
    const client = connection.client(Driver)
    const { programId } = await client.submitProgram(piecesOf(program), { timeoutMs: SEND_MS })
    return programId
  } finally {
    connection.close()
  }
}

async function* piecesOf({ script, bundle, args, settings }: DetachedProgram) {
  const hash = createHash('sha256')
  for await (const bytes of createReadStream(bundle)) hash.update(bytes as Uint8Array)
  const head: MessageInitShape<typeof ProgramPieceSchema> = {
    name: basename(script),
    args: [...args],
    settings: { ...settings },
    hash: hash.digest('hex'),
  }
  yield head
  for await (const bytes of createReadStream(bundle, { highWaterMark: PIECE_BYTES }))
    yield { bundle: bytes as Uint8Array }
}
