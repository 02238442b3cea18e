import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, get, Agent, type IncomingMessage, type Server } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { suite, test, type TestContext } from 'node:test'
import { createConnections, placeOf } from '../../../webhook/http/connection-limits.ts'
import { until } from '../../stack/until.ts'

const MOST = 10
const OTHER = '127.0.0.2'

suite('a server at its limit of connections', () => {
  test('ends those of the place that has most, and keeps the only one of another', async (t) => {
    const { server, port } = await serve(t)
    const own = await open(port, '127.0.0.1')
    const held = await Promise.all(Array.from({ length: 50 }, async () => open(port, OTHER)))
    await until('the others to be ended', async () =>
      held.filter(({ closed }) => closed).length === 50 - MOST + 1 ? true : undefined,
    )
    assert.equal(own.closed, false)
    assert.equal(await connectionsOf(server), MOST)
  })

  test('of these, ends the ones that are not answered', async (t) => {
    const { port } = await serve(t)
    const agent = new Agent({ keepAlive: true, maxSockets: 1, localAddress: OTHER })
    t.after(() => agent.destroy())
    const ask = async (): Promise<void> =>
      new Promise((resolve, reject) => {
        const sent = get({ host: '127.0.0.1', port, agent }, (answer: IncomingMessage) => {
          answer.resume().once('end', resolve)
        })
        sent.once('error', reject)
      })
    await ask()
    for (let round = 0; round < 5; round += 1) {
      await Promise.all(Array.from({ length: MOST - 2 }, async () => open(port, OTHER)))
      await ask()
    }
    const [used] = Object.values(agent.freeSockets)
    assert.equal(used?.[0]?.destroyed, false)
  })
})

for (const [address, want] of [
  ['10.0.0.7', '10.0.0.7'],
  ['::ffff:10.0.0.7', '::ffff:10.0.0.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8:1:2::6', '2001:db8:1:2'],
  ['fd00::3:4:5:6', 'fd00:0:0:0'],
  ['fd00::1', 'fd00:0:0:0'],
] as const) {
  test(`${address} is in place ${want}`, () => assert.equal(placeOf(address), want))
}

test('who asks many times before he is answered is shut out for a while, and who asks a few times is not', async (t) => {
  let handled = 0
  const connections = createConnections(MOST)
  const server = createServer(
    connections.handling(() => {
      handled += 1
    }),
  )
  connections.limit(server)
  const { port } = await listening(t, server)
  const ask = (times: number, localAddress: string): Socket => {
    const at = { port, host: '127.0.0.1', localAddress }
    const socket = connect(at).on('error', () => undefined)
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(times))
    return socket.resume()
  }
  const beside = await open(port, OTHER)
  await once(ask(1000, OTHER), 'close')
  assert.ok(handled < 10, `${handled} handled`)
  await until('what else is from there to be ended', async () => beside.closed || undefined)
  await once(ask(1, OTHER), 'close')
  const few = ask(3, '127.0.0.1')
  await until('them to be handled', async () => (handled === 7 ? true : undefined))
  assert.equal(few.closed, false)
  few.destroy()
})

async function serve(t: TestContext): Promise<{ readonly server: Server; readonly port: number }> {
  const connections = createConnections(MOST)
  const server = createServer(connections.handling((_request, response) => void response.end('ok')))
  connections.limit(server)
  return listening(t, server)
}

async function listening(t: TestContext, server: Server) {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on a port
  const { port } = server.address() as AddressInfo
  return { server, port }
}

async function open(port: number, localAddress: string): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', localAddress }).on('error', () => undefined)
  await once(socket.resume(), 'connect')
  return socket
}

async function connectionsOf(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)))
  })
}
