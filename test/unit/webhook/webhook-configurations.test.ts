import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { pino } from 'pino'
import { listAt, objectAt, textAt, type JsonObject } from '../../../shared/json/json.ts'
import { certificatesIn } from '../../../webhook/serving/material.ts'
import { makeCa } from '../../../webhook/serving/certificate.ts'
import { publishTrust, type Published } from '../../../webhook/serving/webhook-configurations.ts'
import { scriptedClient } from '../../fixtures/scripted-client.ts'

const making = { now: new Date('2030-01-01T00:00:00Z'), lifetime: 86_400_000 }
const [ours, older] = [await makeCa(making), await makeCa(making)]
const bundle = certificatesIn(ours.cert)
const NAMES = new Map([
  [certificatesIn(ours.cert)[0]?.fingerprint256, 'ours'],
  [certificatesIn(older.cert)[0]?.fingerprint256, 'older'],
])

/** The CAs in a configuration's webhook, by name. */
function carriedIn(configuration: JsonObject): readonly (string | undefined)[] {
  const [webhook] = listAt(configuration, 'webhooks')
  const caBundle = textAt(objectAt(objectAt({ webhook }, 'webhook'), 'clientConfig'), 'caBundle')
  const pem = Buffer.from(caBundle ?? '', 'base64').toString()
  return certificatesIn(pem).map(({ fingerprint256 }) => NAMES.get(fingerprint256))
}

/** What is applied over configurations that carry these CAs, and what comes of it. */
async function publish(
  stored: readonly string[],
  only: boolean,
): Promise<{ readonly applied: readonly (readonly (string | undefined)[])[] } & Published> {
  const applied: (readonly (string | undefined)[])[] = []
  const caBundle = Buffer.from(stored.join('')).toString('base64')
  const clientConfig = stored.length === 0 ? {} : { caBundle }
  const object = {
    metadata: { resourceVersion: '7' },
    webhooks: [{ name: 'a.tlsauto.dev', clientConfig }],
  }
  const client = {
    ...scriptedClient({}).client,
    get: async () => ({ kind: 'found' as const, object }),
    apply: async (_: unknown, configuration: JsonObject) => {
      applied.push(carriedIn(configuration))
      return configuration
    },
  }
  const logger = pino({ level: 'silent' })
  const published = await publishTrust({ client, logger }, { bundle, only, url: undefined })
  return { applied, ...published }
}

suite('what each webhook configuration carries afterwards', () => {
  const rows = [
    {
      name: 'one without a CA gets ours',
      stored: [],
      only: false,
      want: { applied: [['ours'], ['ours'], ['ours']], changed: true, surplus: false },
    },
    {
      name: 'to one with another CA ours is joined: who still serves under that is trusted',
      stored: [older.cert],
      only: false,
      want: {
        applied: Array.from({ length: 3 }, () => ['ours', 'older']),
        changed: true,
        surplus: true,
      },
    },
    {
      name: 'one with both is left alone',
      stored: [older.cert, ours.cert],
      only: false,
      want: { applied: [], changed: false, surplus: true },
    },
    {
      name: 'until nobody can serve under the other one any more',
      stored: [older.cert, ours.cert],
      only: true,
      want: { applied: [['ours'], ['ours'], ['ours']], changed: false, surplus: false },
    },
  ]
  for (const { name, stored, only, want } of rows) {
    test(name, async () => assert.deepEqual(await publish(stored, only), want))
  }
})
