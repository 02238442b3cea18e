import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { runPrune } from '../../../plugin/commands/prune/run.ts'
import type { JsonObject } from '../../../shared/json/json.ts'
import { KubeError } from '../../../shared/kube/kube-error.ts'
import type { KubeClient } from '../../../shared/kube/kube-client.ts'
import { scriptedClient } from '../../fixtures/scripted-client.ts'

const SECRETS = ['tls-a-a-example-com', 'tls-b-b-example-com'].map((name): JsonObject => {
  const annotations = { 'cert-manager.io/certificate-name': name.replace('tls-', 'cert-') }
  return { metadata: { name, namespace: 'team', uid: name, annotations } }
})

suite('prune --yes', () => {
  test('deletes what nothing names', async () => {
    const want = ['secret/tls-a-a-example-com deleted\n', 'secret/tls-b-b-example-com deleted\n']
    assert.deepEqual(await prune({}), {
      code: 0,
      said: want,
      calls: ['delete tls-a-a-example-com', 'delete tls-b-b-example-com'],
    })
  })

  test('leaves what is named, or has its Certificate back, by the time that it would go', async () => {
    const route = {
      metadata: { namespace: 'team' },
      spec: { tls: { secretName: 'tls-a-a-example-com' } },
    }
    const certificate = { metadata: { namespace: 'team', name: 'cert-b-b-example-com' }, spec: {} }
    const cluster = {
      ingressroutes: (time: number) => (time === 1 ? [] : [route]),
      certificates: (time: number) => (time === 1 ? [] : [certificate]),
    }
    assert.deepEqual(await prune(cluster), {
      code: 1,
      said: [
        'secret/tls-a-a-example-com stays: it is needed again\n',
        'secret/tls-b-b-example-com stays: it is needed again\n',
      ],
      calls: [],
    })
  })

  const forbidden = new KubeError('no', { status: 403 })

  test('of one namespace does without the kinds that are in none, and says so', async () => {
    assert.deepEqual(await prune({ clusterissuers: () => forbidden }), {
      code: 0,
      said: [
        'not checked, since you are not allowed to list them: clusterissuers\n',
        'secret/tls-a-a-example-com deleted\n',
        'secret/tls-b-b-example-com deleted\n',
      ],
      calls: ['delete tls-a-a-example-com', 'delete tls-b-b-example-com'],
    })
  })

  const mounted = { volumes: [{ secret: { secretName: 'tls-a-a-example-com' } }] }
  const template = { spec: { ...mounted, containers: [{ name: 'shop', image: 'shop' }] } }
  const cronJob = { jobTemplate: { spec: { template } } }
  for (const [kind, object] of [
    ['pods', { spec: template.spec }],
    ['deployments', { spec: { replicas: 0, template } }],
    ['statefulsets', { spec: { template } }],
    ['daemonsets', { spec: { template } }],
    ['replicasets', { spec: { replicas: 0, template } }],
    ['replicationcontrollers', { spec: { replicas: 0, template } }],
    ['jobs', { spec: { suspend: true, template } }],
    ['cronjobs', { spec: cronJob }],
    ['podtemplates', { template }],
  ] as const) {
    test(`keeps a Secret that is mounted by one of the ${kind}, though no Pod runs`, async () => {
      const users = [{ metadata: { namespace: 'team' }, ...object }]
      assert.deepEqual(await prune({ [kind]: () => users }), {
        code: 0,
        said: ['secret/tls-b-b-example-com deleted\n'],
        calls: ['delete tls-b-b-example-com'],
      })
    })

    test(`deletes nothing where ${kind} may not be listed`, async () => {
      await rejectsWithout(kind, false)
    })
  }

  test('asks for Secrets with certificates in them, and no others', async () => {
    const asked: (string | undefined)[] = []
    await prune({}, [], false, asked)
    assert.deepEqual(asked, ['type=kubernetes.io/tls'])
  })

  for (const [kind, allNamespaces] of [
    ['middlewares', false],
    ['gateways', false],
    ['referencegrants', false],
    ['clusterissuers', true],
  ] as const) {
    test(`deletes nothing where ${kind} may not be listed`, async () => {
      await rejectsWithout(kind, allNamespaces)
    })
  }

  const rejectsWithout = async (kind: string, allNamespaces: boolean): Promise<void> => {
    const calls: string[] = []
    await assert.rejects(
      prune({ [kind]: () => forbidden }, calls, allNamespaces),
      new RegExp(`^Error: you are not allowed to list ${kind}, so the Secrets`),
    )
    assert.deepEqual(calls, [])
  }
})

/** Prunes a cluster that holds these Secrets, and what is given by plural for the first, the second … time
 * that it is asked for. */
async function prune(
  cluster: Readonly<Record<string, (time: number) => readonly JsonObject[] | KubeError>>,
  calls: string[] = [],
  allNamespaces = false,
  selected: (string | undefined)[] = [],
) {
  const said: string[] = []
  const times = new Map<string, number>()
  const client: KubeClient = {
    ...scriptedClient({}).client,
    list: async ({ resource: { plural }, fieldSelector }) => {
      if (plural === 'secrets') selected.push(fieldSelector)
      const time = (times.get(plural) ?? 0) + 1
      times.set(plural, time)
      const items = plural === 'secrets' ? SECRETS : (cluster[plural]?.(time) ?? [])
      if (items instanceof KubeError) throw items
      return { items, resourceVersion: '1', next: undefined }
    },
    delete: async ({ name }) => void calls.push(`delete ${name}`),
  }
  const say = (text: string): void => void said.push(text)
  const code = await runPrune(
    { ...COMMAND, cluster: { ...COMMAND.cluster, allNamespaces } },
    {
      client,
      terminal: { out: say, error: say, interactive: false, columns: Infinity },
      now: () => new Date('2026-03-01T12:00:00Z'),
      signal: new AbortController().signal,
    },
  )
  return { code, said, calls }
}

const COMMAND: Parameters<typeof runPrune>[0] = {
  cluster: {
    kubeconfig: undefined,
    context: undefined,
    namespace: 'team',
    allNamespaces: false,
    requestTimeout: 1000,
  },
  selector: undefined,
  yes: true,
  output: 'table',
  headers: true,
}
