// Loads the bundle, once a thread, with the code that V8 made of it at build time. Without code of this very
// V8 it is loaded as an ordinary module, for which newer Nodes can keep a cache of their own.
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { Script } from 'node:vm'
import { isMainThread } from 'node:worker_threads'

// V8 itself compares only the length of the text with that which the code was made of.
const hash = 'HASH'
const folder = fileURLToPath(new URL('.', import.meta.url))
const file = `${folder}millrace.cjs`
const require = createRequire(import.meta.url)
let script
let doors

/** The exports of a door; bundle.mjs lists them. */
export function openDoor(name) {
  doors ??= existsSync(cacheFile()) ? loadWithCode(readFileSync(cacheFile())) : require(file).doors
  return doors[name]()
}

/** Where the code for this V8 and this kind of thread lies. */
export function cacheFile() {
  const kind = isMainThread ? 'main' : 'thread'
  return `${folder}${kind}-${hash}-${process.versions.v8}-${process.arch}.cache`
}

/** Loads the bundle so that `codeCache` can tell its code. For the build. */
export function train() {
  doors = loadWithCode(undefined)
}

/** The code of all functions that have run in this thread. */
export function codeCache() {
  return script.createCachedData()
}

function loadWithCode(cachedData) {
  // esbuild writes ASCII only.
  const text = readFileSync(file, 'latin1')
  script = new Script(`(function (exports, require, __dirname, importModule) {${text}\n})`, {
    filename: file,
    cachedData,
  })
  const exports = {}
  script.runInThisContext()(exports, require, folder, (name) => import(name))
  return exports.doors
}
