import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import shippedObjects from '../../../plugin/doctor/installation/shipped-objects.json' with { type: 'json' }
import { shippedTo } from '../../../plugin/doctor/installation/shipped-to.ts'
import type { ReissueFlags } from '../../../plugin/command-line/reissue-options.ts'
import { placeWords, serverPlace } from '../../../plugin/gather/server/server-place.ts'
import { runReissue } from '../../../plugin/reissue/run-reissue.ts'
import { objectAt, type JsonObject } from '../../../shared/json/json.ts'
import type { KubeClient, Lookup } from '../../../shared/kube/kube-client.ts'
import { certificate } from '../../fixtures/certificates.ts'
import { REISSUE_FLAGS } from '../../fixtures/reissue-flags.ts'
import { NOTHING_GATHERED } from '../../fixtures/gathered.ts'
import { brokenCluster } from '../../fixtures/broken-cluster.ts'
import { clusterClient } from '../../fixtures/cluster-client.ts'
import { printedBy } from '../../fixtures/printed.ts'

const ROWS: readonly (readonly [name: string, configuration: Lookup, want: string])[] = [
  ['is where its webhook configuration says', configurationIn('infra'), 'namespace infra'],
  [
    'is believed where the manifest puts it when the API server calls a URL',
    found({ webhooks: [{ clientConfig: { url: 'https://tlsauto.example.com' } }] }),
    'namespace tlsauto (its webhook configuration names no Service)',
  ],
  [
    'or when the configuration is nonsense',
    found({ webhooks: [7, { clientConfig: 'x' }] }),
    'namespace tlsauto (its webhook configuration names no Service)',
  ],
  [
    'or when there is no configuration',
    { kind: 'missing' },
    'namespace tlsauto (there is no webhook configuration that would name another one)',
  ],
  [
    'or when the user is not allowed to read it',
    { kind: 'forbidden', message: 'no' },
    'namespace tlsauto (you are not allowed to read its webhook configuration, which may name another one)',
  ],
]

suite('the server', () => {
  for (const [name, configuration, want] of ROWS) {
    test(name, () => assert.equal(placeWords(serverPlace(configuration)), want))
  }
})

suite('a server in another namespace', () => {
  test('is found there by doctor', async () => {
    const { client, asked } = installedIn('infra')
    const { out } = await printedBy(['doctor'], client, { colours: false })
    assert.match(out, /installed in namespace infra\n/)
    assert.deepEqual(
      asked.filter((one) => /^(deployments|leases) /.test(one)),
      ['deployments infra/tlsauto', 'leases infra/tlsauto'],
    )
    assert.deepEqual(
      new Set(asked.filter((one) => one.startsWith('as '))),
      new Set(['as system:serviceaccount:infra:runner']),
    )
  })

  test('is found there by recreate --hard', async () => {
    const { client, asked } = installedIn('infra')
    await runReissue(
      {
        targets: [{ namespace: 'team', name: 'cert-shop', refusal: undefined }],
        gathered: { ...NOTHING_GATHERED, certificates: [certificate({}, { name: 'cert-shop' })] },
        items: [],
        flags: DRY_RUN,
        deletes: 'certificate',
      },
      {
        client,
        terminal: { out: silent, error: silent, interactive: false, columns: Infinity },
        now: () => new Date('2026-03-01T12:00:00Z'),
        signal: new AbortController().signal,
      },
    )
    assert.deepEqual(
      asked.filter((one) => one.startsWith('leases')),
      ['leases infra/tlsauto'],
    )
  })
})

suite('what doctor compares the cluster with', () => {
  test('is what the manifest has, where it is installed as it stands', () => {
    assert.deepEqual(shippedTo({ namespace: 'tlsauto', name: 'tlsauto' }, shipped()), shipped())
  })

  test('is the same with the names of the ServiceAccount that the server runs as', () => {
    const text = JSON.stringify(shippedTo({ namespace: 'infra', name: 'runner' }, shipped()))
    assert.ok(text.includes('system:serviceaccount:infra:runner'))
    assert.ok(text.includes("request.namespace == 'infra'"))
    assert.ok(text.includes('"service":{"name":"tlsauto","namespace":"infra"'))
    assert.doesNotMatch(text, /serviceaccount:tlsauto|namespace == 'tlsauto'|namespace tlsauto/)
  })
})

function silent(): void {}

const DRY_RUN: ReissueFlags = { ...REISSUE_FLAGS, dryRun: true }

function shipped(): readonly JsonObject[] {
  return shippedObjects
}

function found(object: JsonObject): Lookup {
  return { kind: 'found', object }
}

function configurationIn(namespace: string): Lookup {
  return found({ webhooks: [{ clientConfig: { service: { namespace, name: 'tlsauto' } } }] })
}

/** A cluster whose server is in a namespace, and what it was asked for. */
function installedIn(home: string): {
  readonly client: KubeClient
  readonly asked: readonly string[]
} {
  const asked: string[] = []
  const inner = clusterClient(brokenCluster())
  const spec = { template: { spec: { serviceAccountName: 'runner', containers: [] } } }
  const get: KubeClient['get'] = async (target) => {
    const { resource, name, namespace = '' } = target
    asked.push(`${resource.plural} ${namespace}/${name}`)
    if (resource.plural === 'mutatingwebhookconfigurations') return configurationIn(home)
    const isHome = namespace === home && name === 'tlsauto'
    if (resource.plural === 'deployments') return isHome ? found({ spec }) : { kind: 'missing' }
    if (resource.plural === 'leases' && !isHome) return { kind: 'missing' }
    return inner.get(target)
  }
  const create: KubeClient['create'] = async (resource, object, options) => {
    const user = objectAt(object, 'spec')['user']
    if (typeof user === 'string') asked.push(`as ${user}`)
    return inner.create(resource, object, options)
  }
  return { client: { ...inner, get, create }, asked }
}
