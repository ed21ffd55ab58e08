import { EngineError, type ErrorData, errorFromData } from '../../engine/errors.ts'

/**
 * An error of a task in the program's thread. Where in our sources a user's error arose tells the user
 * nothing, so its stack is that of the caller, which leads to the program; of bugs and of user functions the
 * task's frames come first.
 */
export function errorOfTask(data: ErrorData): EngineError {
  const { hint, position } = data
  const { cause } = errorFromData(data)
  const error = new EngineError(data.code, data.message, { hint, position, cause })
  if (error.errorClass !== 'internal' && data.code !== 'USER_CODE_FAILED') return error
  const frames = (error.stack ?? '').split('\n').slice(1)
  if (data.stack !== undefined) error.stack = [data.stack, ...frames].join('\n')
  return error
}
