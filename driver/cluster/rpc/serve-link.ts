import type { DescMessage, MessageShape } from '@bufbuild/protobuf'
import { errorFromData, errorToData } from '../../../engine/errors.ts'
import type { Link as StreamLink } from '../../../proto/grpc/index.ts'
import type { Link, Peer } from '../links.ts'

/** A peer that has been told that we are done may take so long to end its side. */
const END_MS = 5000

/**
 * Lets the event loop speak and listen over a stream. Errors of what arrives end the stream, and arrive
 * there.
 */
export function serveLink<In extends DescMessage, Out extends DescMessage>(
  stream: StreamLink<In, Out>,
  open: (peer: Peer<MessageShape<Out>>) => Link<MessageShape<In>>,
): void {
  const link = open({
    send: (message) => {
      stream.send(message)
    },
    close: (error) => {
      if (error !== null) return stream.abort(error)
      stream.end()
      setTimeout(() => {
        if (!stream.isClosed)
          stream.abort(errorFromData({ code: 'CANCELLED', message: 'the stream has ended' }))
      }, END_MS).unref()
    },
  })
  stream.listen({
    message: (message) => {
      try {
        link.receive(message)
      } catch (error) {
        stream.abort(errorFromData(errorToData(error)))
      }
    },
    closed: (error) => link.closed(error?.message ?? 'it ended the stream'),
  })
}
