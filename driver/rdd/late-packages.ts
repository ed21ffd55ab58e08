import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/** Reads JavaScript. Loaded when a program first gives us a function: most programs never do. */
export function acorn(): typeof import('acorn') {
  return require('acorn')
}

/** Visits acorn's trees. */
export function acornWalk(): typeof import('acorn-walk') {
  return require('acorn-walk')
}

/** Bundles what functions import, and strips types. */
export function esbuild(): typeof import('esbuild') {
  return require('esbuild')
}
