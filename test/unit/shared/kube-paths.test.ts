import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { suite, test } from 'node:test'
import { isStatus } from '../../../shared/kube/kube-error.ts'
import { pathOf, RESOURCES } from '../../../shared/kube/resources.ts'
import { restClient } from '../../../shared/kube/rest-client.ts'

const SECRET = { resource: RESOURCES.secrets, namespace: 'team' }

// A tenant names a Secret `..` in an object that a command reads: it must not become a request for his namespace.
suite('a name that is none is asked for nowhere', () => {
  const sent: string[] = []
  const client = restClient(
    async ({ path }) => {
      sent.push(path)
      return answer('{}')
    },
    { server: 'https://example.com', namespace: 'team' },
  )

  for (const name of ['', '.', '..']) {
    test(JSON.stringify(name), async () => {
      assert.deepEqual(await client.get({ ...SECRET, name }), { kind: 'missing' })
      const writes = [
        client.delete({ ...SECRET, name }),
        client.mergePatch({ ...SECRET, name }, {}),
      ]
      for (const write of writes) {
        await assert.rejects(write, (error) => isStatus(error, 404))
      }
      assert.throws(() => pathOf(RESOURCES.secrets, { namespace: name, name: 'x' }))
      assert.deepEqual(sent, [])
    })
  }

  test('any other is, as it is written', async () => {
    await client.get({ ...SECRET, name: 'a/../b' })
    assert.deepEqual(sent, ['/api/v1/namespaces/team/secrets/a%2F..%2Fb'])
  })
})

function answer(text: string): IncomingMessage {
  const message = new IncomingMessage(new Socket())
  Readable.from([text])
    .on('data', (chunk) => message.push(chunk))
    .on('end', () => message.push(null))
  return message
}
