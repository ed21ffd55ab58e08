/** A value of another module that a function uses under a local name. */
export interface ShippedImport {
  readonly local: string
  /** Exported name; `*` is the whole module. */
  readonly imported: string
  readonly moduleId: string
}

/** One ES module that stands for itself: what it imports is in its text, but for Node's own modules. */
export interface ShippedModule {
  readonly moduleId: string
  readonly source: string
}

/** Where the text of a function stands in the program: entry i is the line of the text's line i. */
export interface FunctionPlace {
  readonly file: string
  readonly lines: readonly number[]
}

/**
 * A function of the user's program on its way to the threads. Plain data. Its free variables are globals,
 * imports, `captured` values and `functions`.
 */
export interface ShippedFunction {
  /** Unique in the process that ships it. */
  readonly functionId: string
  /** Name for people: `map` at `program.ts:12`. */
  readonly name: string
  /** An expression that gives the function. */
  readonly source: string
  /**
   * Values given as `{ with: … }`, packed by `packValue`; null: none, and then no environment is passed
   * either.
   */
  readonly captured: Readonly<Record<string, unknown>> | null
  /** Functions among them. They have none of their own: they see the values and functions of this one. */
  readonly functions: Readonly<Record<string, ShippedFunction>>
  readonly imports: readonly ShippedImport[]
  readonly place: FunctionPlace | null
}

/** A function, ready to be called. `env` goes behind its own arguments. */
export interface LoadedFunction {
  readonly shipped: ShippedFunction
  readonly call: (...args: readonly unknown[]) => unknown
  readonly env: Readonly<Record<string, unknown>> | undefined
}
