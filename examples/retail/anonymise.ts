import { createHmac } from 'node:crypto'

/** Hex digits of an anonymous id: 128 bits. */
const ID_LENGTH = 32

const known = new Map<number, string>()
let knownSecret = ''

/**
 * The anonymous id of a user: HMAC-SHA256 of the number under the secret. The same secret gives the same id;
 * without it nobody can tell the number, not even by trying all of them. Ids are remembered for the next line
 * of the same user.
 */
export function anonymise(userId: number, secret: string): string {
  if (secret !== knownSecret) {
    known.clear()
    knownSecret = secret
  }
  const earlier = known.get(userId)
  if (earlier !== undefined) return earlier
  const id = createHmac('sha256', secret).update(String(userId)).digest('hex').slice(0, ID_LENGTH)
  known.set(userId, id)
  return id
}
