import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { after, before, suite, test } from 'node:test'
import { listPages } from '../../../../shared/kube/kube-client.ts'
import { RESOURCES } from '../../../../shared/kube/resources.ts'
import { restClient } from '../../../../shared/kube/rest-client.ts'
import { exchange } from '../../../../shared/kube/transport.ts'

/** Bytes of each object, in order; the API server takes at most 1.5 MiB. */
const SMALL = 1000
const LARGE = 1_500_000

suite('a list in pages', () => {
  let sizes: readonly number[] = []
  let limits: string[] = []
  const server = createServer(({ url = '' }, response) => {
    const query = new URL(url, 'http://api').searchParams
    const limit = query.get('limit') ?? ''
    limits.push(limit)
    response.end(pageOf(sizes, Number(query.get('continue') ?? 0), Number(limit)))
  })
  let api = ''
  before(async () => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : undefined
    api = `http://127.0.0.1:${port ?? 0}`
  })
  after(() => server.close())

  const namesOf = async (of: readonly number[]): Promise<number> => {
    sizes = of
    limits = []
    let count = 0
    const client = clientOf(api)
    for await (const { items } of listPages(client, { resource: RESOURCES.ingressRoutes })) {
      count += items.length
    }
    return count
  }

  test('of usual objects it has the fewest requests', async () => {
    assert.equal(await namesOf(Array.from({ length: 100 }, () => SMALL)), 100)
    assert.deepEqual(limits, ['40', '40', '40'])
  })

  test('of large ones there are fewer in a page, and none is lost', async () => {
    const mixed = Array.from({ length: 100 }, (_, at) => (at >= 40 && at < 44 ? LARGE : SMALL))
    assert.equal(await namesOf(mixed), 100)
    assert.deepEqual(limits.slice(0, 6), ['40', '40', '10', '3', '1', '2'])
    assert.ok(limits.length < 20, `${limits.length} requests`)
  })
})

function clientOf(api: string) {
  return restClient(
    async (call) => {
      const url = new URL(call.path, api)
      for (const [key, value = ''] of Object.entries(call.query ?? {})) {
        if (value !== '') url.searchParams.set(key, value)
      }
      return exchange(call, { url, options: { headers: {} }, timeout: 5000 })
    },
    { server: api, namespace: 'default' },
  )
}

function pageOf(sizes: readonly number[], from: number, limit: number): string {
  const items = sizes.slice(from, from + limit).map((size) => ({ text: 'x'.repeat(size) }))
  const next = from + limit < sizes.length ? { continue: String(from + limit) } : {}
  return JSON.stringify({ metadata: { resourceVersion: '1', ...next }, items })
}
