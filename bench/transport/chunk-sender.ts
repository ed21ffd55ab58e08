import { makeOwnCertificate } from '../../proto/certificates/index.ts'
import { Blocks } from '../../proto/cluster/index.ts'
import { bindService, clusterAuthority, type ServerTls, serveGrpc } from '../../proto/grpc/index.ts'
import { CHUNK_BYTES, type SenderReady, TOKEN } from './chunk-ways.ts'

/** The process that has the bytes: a server that sends one chunk as often as it is asked to. */
async function main(): Promise<void> {
  const bytes = new Uint8Array(new SharedArrayBuffer(CHUNK_BYTES)).map((_, index) => (index * 31) & 255)
  const blocks = bindService(Blocks, {
    fetch: async function* ({ ranges }) {
      for (let i = 0; i < ranges[0]!.map; i++) yield { bytes }
    },
  })
  const authority = clusterAuthority({ token: TOKEN, certificates: false })
  const serve = async (tls: ServerTls | null) =>
    (await serveGrpc({ listen: '127.0.0.1:0', services: [blocks], authority, tls })).address
  const own = makeOwnCertificate()
  process.on('message', () => {
    const { user, system } = process.cpuUsage()
    process.send!((user + system) / 1000)
  })
  process.once('disconnect', () => process.exit())
  const tls = await serve({ ...own, clientCa: null })
  const ready: SenderReady = { plain: await serve(null), tls, certificate: own.certificate }
  process.send!(ready)
}

await main()
