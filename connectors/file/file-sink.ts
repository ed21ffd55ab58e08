import { randomUUID } from 'node:crypto'
import type { FileSystem, TableSink } from '../../engine/connect/index.ts'
import { EngineError } from '../../engine/errors.ts'
import { batchMarker, dropOldMarkers } from './batch-markers.ts'
import type { FileFormat } from './file-format.ts'
import { type FilePart, folderOf, removeTemporary, writeFiles } from './task-files.ts'

/**
 * A folder of files, written so that readers never see half of it: tasks write below `_temporary/JOB`, which
 * listings leave out, and the commit renames. `column=value/` folders hold partitions; names end in `_BUCKET`
 * for buckets.
 */
export function fileSink(format: FileFormat): TableSink {
  return {
    name: format.name,
    options: { ...format.options, path: { usage: 'folder to write to' } },

    guarantee: 'exactly once',

    async begin(request, context) {
      const path = folderOf(request)
      if (request.stream !== undefined) {
        await removeTemporary(context.fileSystem(path), path, request.jobId) // Of a try that was cut off.
        return (await context.fileSystem(path).stat(batchMarker(path, request.stream))) === null
      }
      const existing = await context.fileSystem(path).stat(path)
      if (existing === null || request.mode === 'append' || request.mode === 'overwrite') return true
      if (request.mode === 'ignore') return false
      throw new EngineError('PATH_ALREADY_EXISTS', `path "${path}" already exists`, {
        hint: "Choose another path, or mode 'overwrite' or 'append'.",
      })
    },

    write(batches, request, task, context) {
      const { stream } = request
      const unique = stream === undefined ? randomUUID() : `${stream.queryId}-${stream.batchId}`
      return writeFiles(format, batches, { request, unique, ...task }, context)
    },

    async commit(request, parts, context) {
      const path = folderOf(request)
      const fileSystem = context.fileSystem(path)
      if (request.mode === 'overwrite') await removeOld(fileSystem, path)
      await fileSystem.makeFolder(path)
      for (const part of parts)
        for (const { temporary, below } of (part.data as FilePart).files)
          await fileSystem.rename(temporary, `${path}/${below}`)
      await removeTemporary(fileSystem, path, request.jobId)
      const { stream } = request
      const marker = stream === undefined ? `${path}/_SUCCESS` : batchMarker(path, stream)
      await (await fileSystem.create(marker)).close()
      if (stream !== undefined) await dropOldMarkers(fileSystem, path, stream)
    },

    async abort(request, context) {
      const path = folderOf(request)
      await removeTemporary(context.fileSystem(path), path, request.jobId)
    },
  }
}

async function removeOld(fileSystem: FileSystem, path: string): Promise<void> {
  if ((await fileSystem.stat(path)) === null) return
  for (const member of await fileSystem.list(path))
    if (!/\/_(temporary|batches)$/.test(member.path)) await fileSystem.remove(member.path)
}
