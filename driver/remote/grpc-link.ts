import type { MessageInitShape } from '@bufbuild/protobuf'
import { EngineError } from '../../engine/errors.ts'
import { type ClientMessageSchema, Driver } from '../../proto/cluster/index.ts'
import { type ClientSecurity, connectGrpc } from '../../proto/grpc/index.ts'
import type { DriverLink, LinkListener } from './driver-link.ts'

/** How long a driver may take to answer a connection. */
const CONNECT_MS = 10_000

/** How long the driver may take to say that it has ended our session. */
const CLOSE_MS = 5000

/** Opens the stream of a session over gRPC. */
export async function openGrpcLink(
  address: string,
  security: ClientSecurity,
  listener: LinkListener,
): Promise<DriverLink> {
  const connection = connectGrpc({ address, security })
  try {
    await connection.ready(CONNECT_MS)
  } catch (error) {
    connection.close()
    throw error
  }
  const link = connection.client(Driver).attach()
  let onClosed: () => void = () => {}
  const closed = new Promise<void>((resolve) => {
    onClosed = resolve
  })
  let isClosing = false
  link.listen({
    message({ kind }) {
      if (kind.case !== undefined) listener.onMessage(kind)
    },
    closed(error) {
      connection.close()
      onClosed()
      if (!isClosing) listener.onEnd(error ?? endedByDriver(address))
    },
  })
  return {
    async send(kind) {
      const message: MessageInitShape<typeof ClientMessageSchema> = { kind }
      // `closed` tells why there is no more room.
      if (!link.send(message)) await link.drained().catch(() => {})
    },
    async close() {
      isClosing = true
      link.end()
      const timer = setTimeout(() => link.abort(endedByDriver(address)), CLOSE_MS)
      await closed
      clearTimeout(timer)
    },
  }
}

function endedByDriver(address: string): EngineError {
  return new EngineError('CLUSTER_UNREACHABLE', `the driver at "${address}" has ended the session`, {
    hint: 'It may have been stopped. Jobs that ran are lost; run the program again.',
  })
}
