import { assert } from '../../engine/errors.ts'
import type { TaskLaunch } from '../../proto/cluster/index.ts'
import type { DoneMessage } from '../../proto/messages/index.ts'
import type { OutputKey, OutputSizes, OutputStore } from '../blocks/index.ts'
import type { ExecutorStage } from './stage-book.ts'

/** Where the output of a task is now: its sizes, and, if it is small, itself. */
export interface KeptTask extends OutputSizes {
  /** Chunks of partition 0, if the output is not kept here. */
  readonly inline: readonly Uint8Array[]
}

/**
 * Takes over what a task left: in memory, on disk, or, if its stage wants that of small outputs, in the
 * message of its end.
 */
export function keepOutput(
  store: OutputStore,
  { order, storedAs }: ExecutorStage,
  { partition, attempt }: TaskLaunch,
  { shuffle }: DoneMessage,
): KeptTask | Promise<KeptTask> {
  assert(shuffle !== null, 'a task of an executor leaves its rows as an output')
  const key: OutputKey = { ...storedAs, partition, attempt }
  const { inlineBytes } = order
  if (inlineBytes > 0 && shuffle.rowCount === 0) {
    const sizes = store.add(key, shuffle)
    store.remove(key)
    return { ...sizes, inline: [] }
  }
  if (inlineBytes > 0 && shuffle.spillPath === null) {
    const sizes = store.add(key, shuffle)
    if (sizes.partitionBytes[0]! > inlineBytes) return { ...sizes, inline: [] }
    const inline = store.inlineChunks(key, 0, inlineBytes)
    if (inline !== null) store.remove(key)
    return { ...sizes, inline: inline ?? [] }
  }
  if (order.storage === 'memory') return { ...store.add(key, shuffle), inline: [] }
  return store.addDurable(key, shuffle).then((sizes) => ({ ...sizes, inline: [] }))
}
