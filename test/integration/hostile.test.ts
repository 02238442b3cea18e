import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import { promisify } from 'node:util'
import { honestReviews, type HonestResult } from '../load/honest.ts'
import { openKeepAlive } from '../load/keep-alive.ts'
import { quantile } from '../load/quantile.ts'
import { residentMiB } from '../load/resident.ts'
import { reviewBody } from '../load/review-body.ts'
import { servingCa } from '../stack/serving-ca.ts'
import { startStack, type Stack } from '../stack/stack.ts'
import { startTlsauto, type Tlsauto } from '../stack/tlsauto.ts'

// Nobody who can reach the server's port may keep the API server's reviews from being answered.
// TLSAUTO_HOSTILE_SECONDS makes the run longer, and only a long one is held to its figures.
const SECONDS = Number(process.env['TLSAUTO_HOSTILE_SECONDS'] ?? 8)
const IS_LONG = SECONDS >= 60
const CLIENTS = 50

let stack: Stack
let tlsauto: Tlsauto
let ca: string

before(async () => {
  stack = await startStack()
  tlsauto = await startTlsauto(stack, { flags: ['--log-level=info'] })
  ca = await servingCa(stack)
})

after(async () => {
  await stack.stop()
})

test(`${CLIENTS} hostile clients for ${SECONDS} s: honest reviews are answered`, async (t) => {
  const milliseconds = SECONDS * 1000
  const hostile = runHostile(milliseconds)
  const early = delay(milliseconds / 3).then(async () => residentMiB(tlsauto.pid()))
  const [mutate, validate] = await Promise.all([
    honest('/mutate', milliseconds, (answer) => answer.includes('"patchType":"JSONPatch"')),
    honest('/validate', milliseconds, (answer) => answer.includes('"decision":"managed"')),
  ])
  const memory = { early: await early, late: await residentMiB(tlsauto.pid()) }
  const times = [...mutate.times, ...validate.times].sort((a, b) => a - b)
  const figures = { p50: quantile(times, 0.5), p99: quantile(times, 0.99), max: quantile(times, 1) }
  t.diagnostic(JSON.stringify({ reviews: times.length, ...figures, memory }))
  t.diagnostic(`attacks begun: ${await hostile}`)
  assert.deepEqual([...mutate.faults, ...validate.faults], [])
  assert.ok(times.length > 0)
  if (!IS_LONG) return
  assert.ok(figures.p99 < 100, 'p99 under 100 ms')
  assert.ok(memory.late < memory.early * 1.2, 'memory stays')
})

const DEADLINE = { timeout: 30_000 }

suite('who holds what others need', () => {
  test('of too many bodies that do not come the oldest go, at once', DEADLINE, async () => {
    const head = 'POST /validate?timeout=10s HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n'
    const sockets = await Promise.all(Array.from({ length: 300 }, openTls))
    const [oldest = assert.fail()] = sockets
    const answer = new Promise((resolve) => oldest.once('data', (data) => resolve(String(data))))
    for (const socket of sockets) socket.write(head)
    assert.match(String(await answer), /^HTTP\/1.1 503 [^]*"too much is under way"/)
    await assertAnswered()
    for (const socket of sockets) socket.destroy()
  })

  test(
    'of too many connections the one goes that asked for nothing longest',
    DEADLINE,
    async () => {
      const served = await openKeepAlive(tlsauto.url, ca)
      await served.post('/validate', reviewBody('first'))
      const oldest = await openTls()
      const ended = once(oldest, 'close')
      const others = await Promise.all(Array.from({ length: 500 }, openPlain))
      await served.post('/validate', reviewBody('second'))
      others.push(...(await Promise.all(Array.from({ length: 600 }, openPlain))))
      await ended
      const { status } = await served.post('/validate', reviewBody('third'))
      assert.equal(status, 200)
      await assertAnswered()
      for (const socket of others) socket.destroy()
      served.close()
    },
  )
})

async function runHostile(milliseconds: number): Promise<string> {
  const program = join(import.meta.dirname, '..', 'load', 'run-hostile.ts')
  const args = [program, tlsauto.url, String(CLIENTS), String(milliseconds)]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  return stdout.trim()
}

/** A hundred reviews a second, each answered for what it asks, by a server that did look at it. */
async function honest(
  path: string,
  milliseconds: number,
  isDecided: (answer: string) => boolean,
): Promise<HonestResult> {
  const input = { url: tlsauto.url, path, ca, connections: 5, every: 50, milliseconds }
  return honestReviews(input, (answer, uid) => {
    const right = answer.includes(`"uid":"${uid}","allowed":true`)
    return right && (isDecided(answer) || (!IS_LONG && answer.includes('"decision":"late"')))
  })
}

async function assertAnswered(): Promise<void> {
  const connection = await openKeepAlive(tlsauto.url, ca)
  const { status, body } = await connection.post('/validate', reviewBody('honest'))
  connection.close()
  assert.deepEqual([status, body.includes('"uid":"honest","allowed":true')], [200, true])
}

async function openTls(): Promise<Socket> {
  const { hostname, port } = new URL(tlsauto.url)
  const socket = connectTls({ host: hostname, port: Number(port), ca })
  socket.on('error', () => undefined)
  await once(socket, 'secureConnect')
  return socket
}

async function openPlain(): Promise<Socket> {
  const { hostname, port } = new URL(tlsauto.url)
  const socket = connect({ host: hostname, port: Number(port) })
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}
