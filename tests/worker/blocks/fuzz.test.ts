import { afterAll, beforeAll, expect, test } from 'vitest'
import { EngineError } from '../../../engine/errors.ts'
import { Blocks, FetchRequestSchema } from '../../../proto/cluster/index.ts'
import { connectGrpc, type GrpcConnection } from '../../../proto/grpc/index.ts'
import { randomMessage } from '../../driver/cluster/random-message.ts'
import { randomOf } from '../../proto/messages/random-plain.ts'
import { type Holding, hold, JOB, STAGE, startHolding, TOKEN } from './holders.ts'

const ROUNDS = process.env['MILLRACE_TEST_FULL'] === '1' ? 1000 : 60
const RIGHT = [{ stage: STAGE, map: 0, attempt: 0, fromPartition: 0, toPartition: 2 }]

let holding: Holding
let connection: GrpcConnection

beforeAll(async () => {
  holding = await startHolding('holder')
  hold(holding, [0], 3)
  connection = connectGrpc({ address: holding.holder.address, security: { token: TOKEN, tls: null } })
})

afterAll(async () => {
  connection.close()
  await holding.close()
})

async function bytesOf(
  request: Parameters<ReturnType<typeof connection.client<typeof Blocks>>['fetch']>[0],
  timeoutMs = 10_000,
) {
  let count = 0
  for await (const { bytes } of connection.client(Blocks).fetch(request, { timeoutMs })) count += bytes.length
  return count
}

test('a block service outlives requests that make no sense, and answers the next one', async () => {
  const expected = await bytesOf({ jobId: JOB, ranges: RIGHT })
  expect(expected).toBeGreaterThan(0)
  const first = Math.floor(Math.random() * 2 ** 31)
  for (let round = 0; round < ROUNDS; round++) {
    const random = randomOf((first + round) >>> 0)
    const { jobId, ranges = [], waitMs = 0 } = randomMessage(FetchRequestSchema, random)
    // Half of them ask for the right job, and some for ranges of which the first is there.
    const request = {
      jobId: random() < 0.5 ? JOB : (jobId ?? ''),
      ranges: random() < 0.3 ? [...RIGHT, ...ranges] : ranges,
      waitMs,
    }
    const error = await bytesOf(request, 100).then(
      () => null,
      (reason: unknown) => reason,
    )
    if (error !== null) expect(error, `seed ${first + round}`).toBeInstanceOf(EngineError)
    if (round % 10 === 9)
      expect(await bytesOf({ jobId: JOB, ranges: RIGHT }), `seed ${first + round}`).toBe(expected)
  }
})
