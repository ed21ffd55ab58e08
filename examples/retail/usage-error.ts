/**
 * A mistake in how the job was called: flags, settings or input. It ends with exit code 2 and no stack trace.
 */
export class UsageError extends Error {
  readonly hint: string | undefined

  constructor(message: string, hint?: string) {
    super(message)
    this.name = 'UsageError'
    this.hint = hint
  }
}
