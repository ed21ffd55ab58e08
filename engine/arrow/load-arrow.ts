/**
 * The package apache-arrow. It takes tens of milliseconds to load, so it is loaded when it is first needed.
 */
export type Arrow = typeof import('apache-arrow')

let loaded: Promise<Arrow> | null = null

/** Loads apache-arrow once. */
export async function loadArrow(): Promise<Arrow> {
  loaded ??= import('apache-arrow')
  return await loaded
}
