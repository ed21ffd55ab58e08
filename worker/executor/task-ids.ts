let last = 0

/** A number for a task at the threads, which no other has that is there; the word of a claim holds it. */
export function nextTaskId(): number {
  last = last === 0x7fffffff ? 1 : last + 1
  return last
}
