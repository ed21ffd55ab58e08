// Bundles the doors of the package into dist/bundle: the command, the worker thread, what programs import.
// One script holds all of them, so every class exists once a thread, and V8's code cache lies beside it.
// docs/decisions/0017 says why. Where a module asks for its own place it gets that of its compiled file, so
// that what lies beside it is found.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const HERE = dirname(fileURLToPath(import.meta.url))
/** What the script uses of its surroundings: load.mjs gives it, or a plain `require` has it. */
const SURROUNDINGS = `var importModule = importModule ?? ((name) => import(name));
const ownPlace = (file) =>
  require('node:url').pathToFileURL(require('node:path').join(__dirname, '..', file)).href;`

/** Writes dist/bundle anew if a source has changed. Gives 0, or 1 after esbuild has said what is wrong. */
export async function bundle(root) {
  const out = join(root, 'dist', 'bundle')
  mkdirSync(out, { recursive: true })
  const doors = doorsOf(root)
  const text = await bundledText(root, doors)
  if (text === null) return 1
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 16)
  const caches = readdirSync(out).filter((file) => file.endsWith('.cache'))
  const isTrained = caches.length > 0 && caches.every((file) => file.includes(hash))
  if (!isTrained) for (const file of caches) rmSync(join(out, file))
  put(join(out, 'millrace.cjs'), text)
  put(join(out, 'load.js'), readFileSync(join(HERE, 'load.mjs'), 'utf8').replace('HASH', hash))
  for (const [name, source] of Object.entries(doors)) {
    const compiled = join(root, 'dist', source.replace(/\.ts$/, '.js'))
    put(join(out, `${name}.js`), await doorText(name, compiled))
  }
  if (isTrained) return 0
  return spawnSync(process.execPath, [join(HERE, 'train.mjs')], { cwd: root, stdio: 'inherit' }).status ?? 1
}

/** Name of the door → the module it leads to. */
function doorsOf(root) {
  const connectors = readdirSync(join(root, 'connectors'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(root, 'connectors', entry.name, 'index.ts')))
    .map(({ name }) => [`connectors/${name}/index`, `connectors/${name}/index.ts`])
  return Object.fromEntries([
    ['command', 'cli/command.ts'],
    ['report-uncaught', 'cli/report-uncaught.ts'],
    ['slot', 'worker/slot.ts'],
    ['executor', 'worker/executor/main.ts'],
    ['index', 'driver/index.ts'],
    ...connectors,
  ])
}

/** All doors in one script; a module runs when a door that needs it is opened. */
async function bundledText(root, doors) {
  const lines = Object.entries(doors).map(
    ([name, source]) => `  ${JSON.stringify(name)}: () => require(${JSON.stringify(`./${source}`)}),`,
  )
  try {
    const { outputFiles } = await build({
      absWorkingDir: root,
      stdin: { contents: `exports.doors = {\n${lines.join('\n')}\n}\n`, resolveDir: root, loader: 'js' },
      bundle: true,
      write: false,
      packages: 'external',
      platform: 'node',
      format: 'cjs',
      target: 'node20',
      minifySyntax: true,
      legalComments: 'none',
      banner: { js: SURROUNDINGS },
      logLevel: 'error',
      plugins: [surroundings(root)],
    })
    return outputFiles[0].text
  } catch {
    return null
  }
}

/**
 * `import.meta.url` becomes the place of the module's compiled file; imports of what is not bundled go
 * through load.mjs, as a script that V8 has code of cannot import.
 */
function surroundings(root) {
  return {
    name: 'surroundings',
    setup(context) {
      context.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const text = readFileSync(path, 'utf8')
        const compiled = relative(root, path).split(sep).join('/').replace(/\.ts$/, '.js')
        const contents = text
          .replace(/(?<!')import\.meta\.url/g, `ownPlace("${compiled}")`)
          .replace(/(?<!typeof |#)\bimport\((?!'\.)/g, 'importModule(')
        return { contents, loader: 'ts' }
      })
    },
  }
}

/** A module with the exports of a door. The thread's door is opened by the thread that loads it. */
async function doorText(name, compiled) {
  const up = '../'.repeat(name.split('/').length - 1)
  const from = `import { openDoor } from '${up === '' ? './' : up}load.js'\n`
  // These act when they are loaded, and so cannot be asked for their names here.
  if (name === 'slot' || name === 'executor' || name === 'report-uncaught')
    return `${from}openDoor('${name}')\n`
  const names = Object.keys(await import(pathToFileURL(compiled).href))
  return `${from}export const { ${names.join(', ')} } = openDoor('${name}')\n`
}

/** Programs may start while this runs: they find the old file or the new one. */
function put(file, text) {
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(`${file}.part`, text)
  renameSync(`${file}.part`, file)
}
