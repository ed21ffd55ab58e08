import { open } from 'node:fs/promises'

const CHUNK_CHARACTERS = 1 << 20

/** Writes the pieces of text one after another as UTF-8; the file is closed whatever happens. */
export async function writeText(path: string, pieces: Iterable<string>): Promise<void> {
  const file = await open(path, 'w')
  try {
    let chunk = ''
    for (const piece of pieces) {
      chunk += piece
      if (chunk.length < CHUNK_CHARACTERS) continue
      await file.write(chunk)
      chunk = ''
    }
    if (chunk !== '') await file.write(chunk)
  } finally {
    await file.close()
  }
}
