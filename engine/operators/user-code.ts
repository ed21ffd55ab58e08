import type { UserCodeExec } from '../plan/index.ts'
import type { Operator } from './operator.ts'

/** Runs shipped functions over whole partitions; how is the task's affair. */
export const userCode: Operator<UserCodeExec> = {
  execute(node, [input], context) {
    return context.runUserCode(node.program, input ?? null, {
      partition: context.partition,
      attempt: context.attempt,
      createRegion: () => context.createRegion(),
      createSpill: () => context.createSpill(node.id),
      openSpill: (tables, writer) => context.openSpill(tables, writer),
      checkCancelled: () => context.checkCancelled(),
      fileSystem: (path) => context.fileSystem(path),
    })
  },
}
