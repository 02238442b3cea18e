import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, suite, test } from 'node:test'
import { makeServingCertificate } from '../../webhook/serving/certificate.ts'
import { kubeconfigText } from '../stack/files.ts'

const MAIN = join(import.meta.dirname, '..', '..', 'webhook', 'main.ts')

type Row = {
  readonly name: string
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly mistakes: readonly string[]
}

const MISTAKES: readonly Row[] = [
  {
    name: 'all mistakes are listed at once',
    args: [
      '--listen=8443',
      '--attach=both',
      '--lease-duration=soon',
      '--webhook-url=http://x',
      '--log-level=loud',
      '--tls-entrypoints=,',
      '--colour',
    ],
    mistakes: [
      'Unknown argument: colour',
      '--listen 8443 is not HOST:PORT',
      '--webhook-url http://x is not an https URL',
      '--lease-duration soon is not a duration from 1s to 1h',
      '--log-level loud is none of debug, info, warn, error',
      '--tls-entrypoints names no entry point',
      '--attach both is none of inject, carry',
    ],
  },
  {
    name: 'a word that is no flag',
    args: ['start'],
    mistakes: ['Unknown argument: start'],
  },
  {
    name: 'a flag without its value',
    args: ['--cluster-issuer'],
    mistakes: ['Not enough arguments following: cluster-issuer'],
  },
  {
    name: 'a life too short for a rotation in it',
    args: ['--serving-lifetime=10m', '--serving-overlap=2m'],
    mistakes: ['--serving-lifetime is less than ten times --serving-overlap'],
  },
  {
    name: 'a TLSAUTO_ variable',
    env: { TLSAUTO_LISTEN: 'here', TLSAUTO_LEASE_DURATION: '0' },
    mistakes: [
      '--listen here is not HOST:PORT',
      '--lease-duration 0 is not a duration from 1s to 1h',
    ],
  },
]

suite('a server that is told nonsense does not start, and says all that is wrong', () => {
  for (const { name, args = [], env = {}, mistakes } of MISTAKES) {
    test(name, async () => {
      const { code, stderr } = await run({ args, env })
      const lines = mistakes.map((mistake) => `  ${mistake}\n`)
      assert.deepEqual(
        { code, stderr },
        { code: 1, stderr: `tlsauto: the server can't start:\n${lines.join('')}` },
      )
    })
  }
})

test('a kubeconfig that is not there is named', async () => {
  const { code, stderr } = await run({ args: ['--kubeconfig=/nowhere/config'] })
  assert.equal(code, 1)
  assert.match(stderr, /^tlsauto: .*\/nowhere\/config/)
})

test('--help lists every flag with its variable', async () => {
  const { code, stdout } = await run({ args: ['--help'] })
  assert.equal(code, 0)
  assert.match(stdout, /--cluster-issuer .*\n.*\[TLSAUTO_CLUSTER_ISSUER\]/)
})

suite('SIGTERM ends a server that never found its API server', () => {
  let folder: string
  let silent: Server

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tlsauto-command-line-'))
    const { ca } = await makeServingCertificate(['127.0.0.1'])
    await writeFile(join(folder, 'ca.crt'), ca)
    silent = createServer().listen(0, '127.0.0.1')
    await once(silent, 'listening')
  })

  after(async () => {
    silent.close()
    await rm(folder, { recursive: true })
  })

  test('because nobody listens there', async () => {
    assert.equal(await endedAt('https://127.0.0.1:1', '"no serving certificate yet"'), 0)
  })

  test('because it does not answer', async () => {
    const connected = once(silent, 'connection')
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a TCP server's address is one
    const { port } = silent.address() as AddressInfo
    assert.equal(await endedAt(`https://127.0.0.1:${port}`, connected), 0)
  })

  /** The exit code after a SIGTERM that is sent once the log says so, or the promise settles. */
  async function endedAt(server: string, sign: string | Promise<unknown>): Promise<number | null> {
    const kubeconfig = join(folder, 'config')
    const access = kubeconfigText({ server, ca: join(folder, 'ca.crt'), token: 'x' })
    await writeFile(kubeconfig, access)
    const args = [MAIN, `--kubeconfig=${kubeconfig}`, '--listen=127.0.0.1:0', '--drain-delay=0']
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    const exit = once(child, 'exit')
    if (typeof sign === 'string') {
      for await (const chunk of child.stdout) if (String(chunk).includes(sign)) break
    } else {
      await sign
    }
    const started = Date.now()
    child.kill('SIGTERM')
    await exit
    assert.ok(Date.now() - started < 15_000)
    return child.exitCode
  }
})

type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string }

async function run(input: {
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}): Promise<Ended> {
  const env = { ...process.env, ...input.env }
  const stdio: ['ignore', 'pipe', 'pipe'] = ['ignore', 'pipe', 'pipe']
  const child = spawn(process.execPath, [MAIN, ...input.args], { env, stdio })
  const [stdout, stderr] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ])
  return { code: child.exitCode, stdout, stderr }
}
