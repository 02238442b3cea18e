import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMarkedRun, type MarkedRun } from './marked-run.ts'

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
  const marked = await createMarkedRun()
  const before = await gitStatus(marked)
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
  assert.equal(await gitStatus(marked), before)
  await marked.assertNothingLeft()
})

test('Ctrl-C ends the demo with all that it started', async () => {
  const marked = await createMarkedRun()
  let interrupted = false
  const { code, stdout } = await marked.run(DEMO, {
    onOutput: (text, demo) => {
      if (!interrupted && text.includes('\n 3  ')) interrupted = demo.kill('SIGINT')
    },
  })
  assert.equal(code, 130, stdout)
  assert.equal(stdout.includes('\n 4  '), false)
  await marked.assertNothingLeft()
})

async function gitStatus(marked: MarkedRun): Promise<string> {
  return (await marked.run(['git', 'status', '--porcelain'])).stdout
}
