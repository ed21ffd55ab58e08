/**
 * Calls between processes: the services of proto/cluster over gRPC, with authentication, TLS, deadlines,
 * signs of life and errors that arrive whole. Who may call and what plain data mean is not decided here.
 *
 * ```
 * const server = await serveGrpc({
 *   listen: '127.0.0.1:0',
 *   authority: clusterAuthority({ token, certificates: false }),
 *   tls: null,
 *   services: [bindService(Blocks, { async *fetch(request, { principal, signal }) { yield { bytes } } })],
 * })
 * const connection = connectGrpc({ address: server.address, security: { token, tls: null } })
 * for await (const { bytes } of connection.client(Blocks).fetch({ jobId, ranges })) take(bytes)
 * ```
 *
 * Start with handlers.ts: what handlers and callers are for each kind of method. link.ts is a stream in both
 * directions, the same on both sides.
 */
export * from './address.ts'
export * from './authority.ts'
export * from './build-id.ts'
export * from './client.ts'
export type * from './handlers.ts'
export { Link, type LinkListener } from './link.ts'
export * from './message-codec.ts'
export { type ClientSecurity, type ClientTls, NO_SECURITY, type ServerTls } from './security.ts'
export * from './server.ts'
export { type BoundService, bindService } from './service.ts'
export { errorOfStatus, statusOf } from './status.ts'
