import { fileURLToPath, pathToFileURL } from 'node:url'
import { EngineError } from '../engine/errors.ts'

/**
 * Bundles a program and what it imports, except this package, into one file with a source map. `isPortable`:
 * it will run elsewhere, where `millrace` is found by its name.
 */
export async function bundleProgram(entry: string, outfile: string, isPortable = false): Promise<void> {
  const { build } = await import('esbuild')
  const driver = new URL('../bundle/index.js', import.meta.url).href
  // The bundle lies elsewhere, but the program means its own place.
  const place = isPortable ? 'import.meta.url' : JSON.stringify(pathToFileURL(entry).href)
  try {
    await build({
      entryPoints: [entry],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      sourcemap: 'inline',
      logLevel: 'silent',
      ...(isPortable ? {} : { define: { 'import.meta.url': place } }),
      banner: {
        js: `import { createRequire as __make } from 'node:module'; const require = __make(${place});`,
      },
      plugins: [
        {
          name: 'millrace',
          setup(context) {
            context.onResolve({ filter: /^millrace(\/|$)/ }, ({ path }) => ({
              path: isPortable ? path : resolveOwn(path, driver),
              external: true,
            }))
          },
        },
      ],
    })
  } catch (cause) {
    throw bundleError(cause, entry)
  }
}

function resolveOwn(specifier: string, driver: string): string {
  const connector = /^millrace\/connectors\/(.+)$/.exec(specifier)?.[1]
  return connector === undefined ? driver : new URL(`./connectors/${connector}/index.js`, driver).href
}

interface BuildMessage {
  readonly text: string
  readonly location: { readonly file: string; readonly line: number; readonly column: number } | null
}

function bundleError(cause: unknown, entry: string): EngineError {
  const first = (cause as { readonly errors?: readonly BuildMessage[] }).errors?.[0]
  if (first === undefined) return new EngineError('USER_CODE_FAILED', `cannot bundle "${entry}"`, { cause })
  const { location } = first
  const position =
    location === null
      ? undefined
      : {
          file: fileURLToPath(new URL(location.file, `file://${process.cwd()}/`)),
          line: location.line,
          column: location.column + 1,
        }
  return new EngineError('USER_CODE_FAILED', `cannot bundle the program: ${first.text}`, { cause, position })
}
