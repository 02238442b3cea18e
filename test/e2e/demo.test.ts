import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { createMarkedRun } from './marked-run.ts'

const DEMO = [process.execPath, 'test/demo/demo.ts']

/** What the demo must have said, in this order. */
const SAID = [
  'kubectl apply -f deploy/examples/plain-route.yaml',
  'ingressroute.traefik.io/blog created',
  'blog.example.com   pending',
  'blog.example.com   issued',
  'Issued ',
  'Hello from tlsauto',
  'Pebble Intermediate CA',
  "verified against the ACME server's root",
  'ingressroute.traefik.io/shop created',
  'shop.example.com   failed ',
  'the next try is an hour away',
  'kubectl tlsauto recreate shop.example.com --wait',
  'shop.example.com is issued',
  "verified against the ACME server's root",
  'make up',
]

test('make demo shows a route on its way to HTTPS, and a repair, and leaves nothing', async () => {
  const marked = createMarkedRun()
  const before = await gitStatus()
  const { code, stdout, stderr } = await marked.run(DEMO)
  assert.equal(code, 0, stdout + stderr)
  assert.equal(stderr, '')
  const rest = SAID.reduce((text, words) => {
    const at = text.indexOf(words)
    assert.notEqual(at, -1, `${words} is missing, or comes too early, in:\n${stdout}`)
    return text.slice(at + words.length)
  }, stdout)
  assert.match(rest, /make test/)
  assert.equal(stdout.includes('\u001B'), false, 'no colours in a pipe')
  assert.deepEqual(
    stdout.split('\n').filter((line) => line.length > 100),
    [],
  )
  await marked.untilNothingRuns()
  assert.equal(await gitStatus(), before)
})

test('Ctrl-C ends the demo with all that it started', async () => {
  const marked = createMarkedRun()
  let interrupted = false
  const demo = marked.start(DEMO, (stdout) => {
    if (interrupted || !stdout.includes(' 3  ')) return
    interrupted = true
    demo.kill('SIGINT')
  })
  await once(demo, 'close')
  assert.equal(interrupted, true)
  assert.equal(demo.exitCode, 130)
  await marked.untilNothingRuns()
})

async function gitStatus(): Promise<string> {
  return (await createMarkedRun().run(['git', 'status', '--porcelain'])).stdout
}
