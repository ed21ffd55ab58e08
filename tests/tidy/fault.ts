/** A file as the rules see it: its path from the root of the repository, with `/`, and its text. */
export interface SourceFile {
  readonly path: string
  readonly text: string
}

/** One breach of a rule. `line` counts from 1; 0 is the file as a whole. */
export interface Fault {
  readonly path: string
  readonly line: number
  readonly rule: 'layers' | 'folders' | 'names' | 'length' | 'comments' | 'doors'
  readonly message: string
}
