import { join } from 'node:path'
import { build, type BuildOptions, type Plugin } from 'esbuild'
import packageJson from '../../package.json' with { type: 'json' }
import { nodeCheck } from './node-check.ts'

/** The work tree's root. */
export const ROOT = join(import.meta.dirname, '..', '..')

/** What our libraries load and, as we use them, never call, by what is imported of it: client-node's own way to
 * send requests, which makes a WebAssembly module at the start, its model of every kind, and Express' tables of
 * encodings for bodies that it reads itself. Two thirds of the plugin's text, and
 * 8 MB of the server's memory. */
const NEVER_CALLED: Readonly<Record<string, readonly string[]>> = {
  undici: ['Agent', 'ProxyAgent', 'fetch'],
  './gen/index.js': ['createConfiguration', 'ServerConfiguration'],
  'iconv-lite': ['decode', 'encodingExists', 'getDecoder'],
}

const withoutTheNeverCalled: Plugin = {
  name: 'never-called',
  setup: ({ onLoad, onResolve }) => {
    const paths = Object.keys(NEVER_CALLED).map((path) => path.replaceAll('.', '\\.'))
    const filter = new RegExp(`^(${paths.join('|')})$`)
    onResolve({ filter }, ({ path }) => ({ path, namespace: 'never-called' }))
    onLoad({ filter, namespace: 'never-called' }, ({ path }) => ({
      contents: (NEVER_CALLED[path] ?? [])
        .map((name) => `export function ${name}() { throw new Error('${path} is left out') }`)
        .join('\n'),
    }))
  },
}

/** What both programs are bundled with. The functions' names are kept as they are: given back to short ones,
 * they would cost a call for every function that is made, a seventh of what a review takes. */
const COMMON: BuildOptions = {
  bundle: true,
  platform: 'node',
  target: 'node22',
  format: 'esm',
  absWorkingDir: ROOT,
  // A module has none; bun would write this machine's path in its place.
  define: { __filename: 'undefined' },
  // Of the library only its reader of kubeconfigs.
  alias: { '@kubernetes/client-node': '@kubernetes/client-node/dist/config.js' },
  plugins: [withoutTheNeverCalled],
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  logLevel: 'warning',
}

/** CommonJS inside a module asks for these. */
const REQUIRE =
  "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);"

/** Exit codes as each has them for what it can't even begin. */
const PROGRAMS = {
  server: { name: 'tlsauto', entryPoint: 'webhook/main.ts', exitCode: 1 },
  plugin: { name: 'kubectl-tlsauto', entryPoint: 'plugin/main.ts', exitCode: 2 },
} as const

/** Writes one of the programs as one file that Node runs, and that needs nothing else. It starts with
 * `firstLine`: a `#!` that says so itself. Gives the files it is made of, inside of the work tree. */
export async function bundle(
  program: keyof typeof PROGRAMS,
  { outfile, firstLine = '' }: { readonly outfile: string; readonly firstLine?: string },
): Promise<readonly string[]> {
  const { entryPoint, ...about } = PROGRAMS[program]
  const check = nodeCheck(about, packageJson.engines.node)
  const banner = { js: [firstLine, REQUIRE, check].filter((line) => line !== '').join('\n') }
  const entryPoints = [entryPoint]
  const built = await build({ ...COMMON, entryPoints, banner, outfile, metafile: true })
  return Object.keys(built.metafile.inputs)
}
