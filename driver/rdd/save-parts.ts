import { basename } from 'node:path'
import { fileSystemOf } from '../../connectors/index.ts'
import { EngineError } from '../../engine/errors.ts'

/**
 * Has tasks write files where readers do not look, and gives these their names, `part-00000` and so on, when
 * all are there, and `_SUCCESS` at the end; gives the paths. After a failure there is nothing.
 * PATH_ALREADY_EXISTS if the folder is there.
 */
export async function saveParts(
  path: string,
  write: (temporary: string) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const folder = path.replace(/\/+$/, '')
  const files = fileSystemOf(folder)
  if ((await files.stat(folder)) !== null)
    throw new EngineError('PATH_ALREADY_EXISTS', `path "${path}" already exists`, {
      hint: 'Choose another folder, or remove this one first.',
    })
  const temporary = `${folder}/_temporary`
  try {
    const written = await write(temporary)
    await files.makeFolder(folder)
    const paths = written.map((part) => `${folder}/${basename(part).replace(/-\d+$/, '')}`)
    for (const [index, part] of written.entries()) await files.rename(part, paths[index]!)
    await files.remove(temporary)
    const success = await files.create(`${folder}/_SUCCESS`)
    await success.close()
    return paths
  } catch (error) {
    await files.remove(folder)
    throw error
  }
}
