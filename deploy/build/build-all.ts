import { join } from 'node:path'
import packageJson from '../../package.json' with { type: 'json' }
import { ROOT } from './bundle.ts'
import { buildRelease } from './release.ts'
import { errorLines } from '../../plugin/command-line/error-lines.ts'

const { argv, env, stdout, stderr } = process
const folder = argv[2] ?? join(ROOT, 'dist', 'release')
const start = performance.now()

try {
  await buildRelease({
    folder,
    url: env['RELEASE_URL'] ?? `https://example.com/tlsauto/v${packageJson.version}`,
    report: (line) => stdout.write(`${line}\n`),
  })
  const seconds = Math.round((performance.now() - start) / 1000)
  stdout.write(`${folder} is complete, after ${seconds} s\n`)
} catch (error) {
  for (const line of errorLines(error, { debug: false })) stderr.write(`${line}\n`)
  process.exitCode = 1
}
