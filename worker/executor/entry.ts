import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { EngineError } from '../../engine/errors.ts'

/** The program of an executor: bundled, also when this module itself runs from its TypeScript source. */
export function executorEntry(): string {
  const places = ['../../bundle/executor.js', '../../dist/bundle/executor.js']
  const found = places.map((place) => fileURLToPath(new URL(place, import.meta.url))).find(existsSync)
  if (found !== undefined) return found
  throw new EngineError('INTERNAL_ERROR', 'the program of executors is missing', {
    hint: 'Build the package first: npm run build.',
  })
}
