import {
  type Metadata,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
  ServerListenerBuilder,
} from '@grpc/grpc-js'
import { EngineError } from '../../engine/errors.ts'
import type { Authority, Principal, Shown } from './authority.ts'
import { BUILD_KEY, buildId } from './build-id.ts'
import { statusOf } from './status.ts'

const BEARER = /^Bearer +(\S+)$/i

/** Callers that were let in, by the metadata of their call. */
const principals = new WeakMap<Metadata, Principal>()

/** Who makes a call that the guard let in. */
export function principalOf(metadata: Metadata): Principal {
  const principal = principals.get(metadata)
  if (principal === undefined) throw new EngineError('INTERNAL_ERROR', 'a call that no guard has seen')
  return principal
}

/** Looks at the first headers of each call, before any message of it is read. */
export function guardCalls(authority: Authority): ServerInterceptor {
  return ({ path }, call) => {
    const listener = new ServerListenerBuilder()
      .withOnReceiveMetadata((metadata, next) => {
        try {
          principals.set(
            metadata,
            admit(authority, methodOf(path), shownBy(metadata, call), buildOf(metadata)),
          )
        } catch (error) {
          call.sendStatus(statusOf(error))
          return
        }
        next(metadata)
      })
      .build()
    return new ServerInterceptingCall(call, { start: (next) => next(listener) })
  }
}

/** `/millrace.v1.Driver/Attach` as `Driver/Attach`. */
export function methodOf(path: string): string {
  return path.slice(path.lastIndexOf('.', path.lastIndexOf('/')) + 1)
}

function shownBy(metadata: Metadata, call: ServerInterceptingCallInterface): Shown {
  const header = metadata.get('authorization')[0]
  const token = typeof header === 'string' ? (BEARER.exec(header)?.[1] ?? null) : null
  return { token, certificate: call.getAuthContext().sslPeerCertificate !== undefined }
}

function buildOf(metadata: Metadata): string {
  return String(metadata.get(BUILD_KEY)[0] ?? 'unknown')
}

/** Who calls; throws why the caller may not, or is of another build. */
export function admit(authority: Authority, method: string, shown: Shown, build: string): Principal {
  const answer = authority.authorize(method, shown)
  if (answer.kind === 'refused') throw new EngineError(answer.code, answer.message, { hint: answer.hint })
  if (build !== buildId()) {
    const message = `the caller is build "${build.slice(0, 100)}", the server "${buildId()}"`
    throw new EngineError('BUILD_MISMATCH', message, {
      hint: 'All processes of a cluster and its clients need the same build of millrace.',
    })
  }
  return answer
}
