import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

/** Most resident memory of a process and its children, added up; 0 where the system does not tell. */
export function peakBytesOf(pid: number): number {
  return treeOf(pid).reduce((sum, id) => sum + peakOfOne(id), 0)
}

/** The peak of a process and its children is counted from now on, where Linux allows it. */
export function resetPeakOf(pid: number): void {
  for (const id of treeOf(pid)) {
    try {
      writeFileSync(`/proc/${id}/clear_refs`, '5')
    } catch {
      // Not Linux, or the process is gone: the peak is that since its start.
    }
  }
}

function peakOfOne(pid: number): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024
  } catch {
    return 0
  }
}

function treeOf(pid: number): number[] {
  try {
    const tasks = readdirSync(`/proc/${pid}/task`)
    const children = tasks.flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    )
    return [pid, ...children.flatMap(treeOf)]
  } catch {
    return [pid]
  }
}
