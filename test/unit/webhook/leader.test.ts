import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pino } from 'pino'
import type { KubeClient } from '../../../shared/kube/kube-client.ts'
import { KubeError } from '../../../shared/kube/kube-error.ts'
import { runElection } from '../../../webhook/runtime/leader-election.ts'
import { scriptedClient } from '../../fixtures/scripted-client.ts'
import { until } from '../../stack/until.ts'

const FAULTS: readonly { readonly name: string; readonly get: KubeClient['get'] }[] = [
  {
    name: 'gets an error',
    get: async () => {
      throw new KubeError('down', { status: 503 })
    },
  },
  { name: 'gets no answer', get: async () => new Promise(() => undefined) },
]

for (const { name, get } of FAULTS) {
  test(`a leader whose renewal ${name} stops writing before another may begin`, async () => {
    const { client } = scriptedClient({})
    const heard: boolean[] = []
    const ending = new AbortController()
    let broken = false
    void runElection({
      client: { ...client, get: async (target) => (broken ? get(target) : client.get(target)) },
      namespace: 'tlsauto',
      identity: 'one',
      leaseDuration: 0.5,
      onChange: (leading) => heard.push(leading),
      logger: pino({ level: 'silent' }),
      signal: ending.signal,
    })
    await until('it to lead', async () => heard.length === 1 || undefined)
    broken = true
    await until('it to stop', async () => heard.length === 2 || undefined)
    assert.deepEqual(heard, [true, false])
    ending.abort()
  })
}
