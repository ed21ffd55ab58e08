import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { BuildOptions, BuildResult } from 'esbuild'
import { EngineError } from '../../engine/errors.ts'
import type { ShippedFunction, ShippedModule } from '../../engine/user-code/index.ts'
import type { JobRunner } from '../stages/index.ts'
import { esbuild } from './late-packages.ts'

/** A module that a function imports, seen from the module it was written in. */
export interface ModuleRequest {
  readonly specifier: string
  readonly importer: string
}

const requests = new Map<string, ModuleRequest>()
const bundles = new Map<string, Promise<ShippedModule>>()
const shipped = new WeakMap<JobRunner, Set<string>>()

/** The id under which threads will know a module. */
export function requestModule(request: ModuleRequest): string {
  const moduleId = createHash('sha256')
    .update(`${request.importer}\n${request.specifier}`)
    .digest('hex')
    .slice(0, 16)
  requests.set(moduleId, request)
  return moduleId
}

/** Gives tasks every module that the functions import. */
export async function shipModules(functions: Iterable<ShippedFunction>, jobs: JobRunner): Promise<void> {
  for (const moduleId of moduleIdsOf(functions)) {
    if (isShipped(moduleId, jobs)) continue
    let bundle = bundles.get(moduleId)
    if (bundle === undefined) {
      const request = requests.get(moduleId)!
      bundle = esbuild()
        .build(optionsOf(request))
        .then(
          (result) => moduleOf(moduleId, result),
          (error: unknown) => Promise.reject(bundleError(request, error)),
        )
      bundle.catch(() => bundles.delete(moduleId))
      bundles.set(moduleId, bundle)
    }
    jobs.ship({ kind: 'module', module: await bundle })
    markShipped(moduleId, jobs)
  }
}

/** The same, at once. */
export function shipModulesSync(functions: Iterable<ShippedFunction>, jobs: JobRunner): void {
  for (const moduleId of moduleIdsOf(functions)) {
    if (isShipped(moduleId, jobs)) continue
    const request = requests.get(moduleId)!
    try {
      jobs.ship({ kind: 'module', module: moduleOf(moduleId, esbuild().buildSync(optionsOf(request))) })
      markShipped(moduleId, jobs)
    } catch (error) {
      throw bundleError(request, error)
    }
  }
}

function moduleIdsOf(functions: Iterable<ShippedFunction>): Set<string> {
  const ids = new Set<string>()
  for (const fn of functions) {
    for (const { moduleId } of fn.imports) ids.add(moduleId)
    for (const id of moduleIdsOf(Object.values(fn.functions))) ids.add(id)
  }
  return ids
}

function isShipped(moduleId: string, jobs: JobRunner): boolean {
  return shipped.get(jobs)?.has(moduleId) === true
}

function markShipped(moduleId: string, jobs: JobRunner): void {
  const known = shipped.get(jobs) ?? new Set()
  shipped.set(jobs, known.add(moduleId))
}

/**
 * The bundled package, of which the threads run a part, also when this module itself runs from its TypeScript
 * source.
 */
const DRIVER = [
  new URL('../../bundle/index.js', import.meta.url),
  new URL('../../dist/bundle/index.js', import.meta.url),
].find((url) => existsSync(url))

/** Everything in one text but Node's modules and this package, which the threads have already. */
function optionsOf({ specifier, importer }: ModuleRequest): BuildOptions {
  const from = JSON.stringify(specifier)
  const base = JSON.stringify(pathToFileURL(importer).href)
  return {
    stdin: {
      contents: `export * from ${from}\nimport * as all from ${from}\nexport default all.default`,
      resolveDir: dirname(importer),
      sourcefile: importer,
      loader: 'ts',
    },
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: 'inline',
    sourcesContent: false,
    sourceRoot: `${dirname(importer)}/`,
    absWorkingDir: dirname(importer),
    logLevel: 'silent',
    alias: DRIVER === undefined ? {} : { millrace: DRIVER.href },
    external: ['file:*'],
    banner: {
      js: `import { createRequire as __make } from 'node:module'; const require = __make(${base});`,
    },
  }
}

function moduleOf(moduleId: string, result: BuildResult): ShippedModule {
  return { moduleId, source: result.outputFiles![0]!.text }
}

function bundleError({ specifier, importer }: ModuleRequest, cause: unknown): EngineError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new EngineError(
    'USER_CODE_FAILED',
    `import "${specifier}" cannot be bundled for the threads: ${reason}`,
    {
      cause,
      position: { file: importer },
    },
  )
}
