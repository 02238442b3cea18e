import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { objectAt, textAt, type JsonObject } from '../../shared/json/json.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { itemsIn, kubectlTlsauto } from '../e2e/plugin.ts'
import { condition } from '../fixtures/certificates.ts'
import { grantInNamespace } from '../stack/grant-in-namespace.ts'
import { apiRequests, type ApiAnswer, type ApiRequest } from '../stack/api-requests.ts'
import { find, makeNamespace, stored } from '../stack/objects.ts'
import { routeManifest } from '../stack/route-manifest.ts'
import { applySelfSignedIssuer } from '../stack/self-signed-issuer.ts'
import { startStack, type Stack } from '../stack/stack.ts'
import { startTlsauto, type Tlsauto } from '../stack/tlsauto.ts'
import { until } from '../stack/until.ts'

// A tenant with rights on routes, Middlewares and Issuers of her own namespace wants the server, or what everybody
// is told, to end. Her issuer's ACME server says what she likes, and cert-manager writes it down.
const EVIL = 'evil'
const BANK = 'bank'

/** What her ACME server answers, as cert-manager 1.21 writes it into a status. */
const WORDS = [
  'retry after 2026-99-99 99:99:99 UTC',
  'retry after 9999-12-31 24:00:00 UTC',
  'retry after 2026-02-31 00:00:00 UTC',
].map((words) => `429 urn:ietf:params:acme:error:rateLimited: too many, ${words}`)

suite('one bad object of a tenant', () => {
  let stack: Stack
  let tlsauto: Tlsauto
  let bob: (request: ApiRequest) => Promise<ApiAnswer>

  before(async () => {
    stack = await startStack()
    await applySelfSignedIssuer(stack)
    tlsauto = await startTlsauto(stack)
    for (const namespace of [EVIL, BANK]) await makeNamespace(stack, namespace)
    await grantTenant()
    bob = await apiRequests(await stack.userKubeconfig('bob'))
    for (const name of ['shop', 'late'])
      await stack.client.create(RESOURCES.ingressRoutes, route(BANK, name))
    for (const name of ['shop', 'late']) await isIssued(BANK, name)
    await until('her rights to be in force', async () => {
      const { status } = await create('ingressroutes', route(EVIL, 'r0'))
      return status === 201 || undefined
    })
    for (const name of ['r1', 'r2']) await create('ingressroutes', route(EVIL, name))
    for (const name of ['r0', 'r1', 'r2']) await isIssued(EVIL, name)
    // From here on we are cert-manager, which her issuer's server speaks through.
    stack.certManager.kill('SIGSTOP')
    await fails(BANK, 'late', 'the order is invalid')
    for (const [at, words] of WORDS.entries()) await fails(EVIL, `r${at}`, words)
  })

  after(async () => {
    stack.certManager.kill('SIGCONT')
    await stack.stop()
  })

  test('ends no scrape', async () => {
    await until('the metrics to count everybody’s hosts', async () => {
      const answer = await fetch(tlsauto.metricsUrl)
      assert.equal(answer.status, 200)
      const text = await answer.text()
      return (
        [
          /^tlsauto_hosts\{state="failed"\} 1$/m,
          /^tlsauto_hosts\{state="issued"\} 1$/m,
          /^tlsauto_hosts\{state="rate-limited"\} 3$/m,
        ].every((line) => line.test(text)) || undefined
      )
    })
  })

  test('ends no review', async () => {
    const made = await stack.client.create(RESOURCES.ingressRoutes, route(BANK, 'after'))
    assert.equal(secretIn(made), 'tls-after-after-bank-example-com')
  })

  test('ends nobody’s status', async () => {
    const { stdout, stderr, code } = await kubectlTlsauto(stack, ['status', '-A'])
    assert.equal(code, 1, stderr)
    for (const name of ['shop', 'late', 'r0', 'r1', 'r2']) assert.match(stdout, lineOf(name))
    assert.doesNotMatch(stdout, /Invalid Date|NaN|undefined/)
    const json = await kubectlTlsauto(stack, ['status', '-A', '-o', 'json'])
    const retries = itemsIn(json.stdout)
      .filter(({ namespace }) => namespace === EVIL)
      .map(({ nextRetry }) => nextRetry)
    assert.deepEqual(retries, Array(3).fill('2026-11-30T02:00:00Z'))
  })

  test('ends nobody’s recreate', async () => {
    const args = ['recreate', '--failed', '-A', '--dry-run', '--force']
    const { stdout, stderr, code } = await kubectlTlsauto(stack, args)
    assert.equal(code, 0, stderr)
    for (const name of ['late', 'r0', 'r1', 'r2']) {
      assert.match(stdout, new RegExp(`/cert-${name}-${name}-.* would be issued again`))
    }
  })

  test('nested as deep as the API server takes it ends no list, also after a restart', async (t) => {
    const depth = await deepestStored()
    t.diagnostic(`the API server stores a Middleware nested ${depth} deep`)
    assert.ok(depth >= 2000, 'deep enough to matter')
    await tlsauto.stop()
    await tlsauto.start()
    await stack.client.create(RESOURCES.ingressRoutes, route(BANK, 'again'))
    await until('the Certificate of a new route', async () => {
      const name = 'cert-again-again-bank-example-com'
      return find(stack.client, { resource: RESOURCES.certificates, namespace: BANK, name })
    })
    const pruned = await kubectlTlsauto(stack, ['prune', '-A'])
    assert.equal(pruned.code, 0, pruned.stderr)
  })

  const create = async (plural: string, object: JsonObject | string): Promise<ApiAnswer> =>
    bob({
      method: 'POST',
      path: `/apis/traefik.io/v1alpha1/namespaces/${EVIL}/${plural}`,
      body: typeof object === 'string' ? object : JSON.stringify(object),
    })

  /** With a number that JavaScript can't hold, for which it is read with a function. */
  const deepestStored = async (): Promise<number> => {
    for (const depth of [9000, 6000, 4500, 3000, 2000]) {
      const labels = '{"app.kubernetes.io/managed-by":"tlsauto"}'
      const metadata = `{"name":"deep","namespace":"${EVIL}","labels":${labels}}`
      const plugin = `{"x":{"n":12345678901234567,"a":${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}}}`
      const head = '"apiVersion":"traefik.io/v1alpha1","kind":"Middleware"'
      const { status } = await create(
        'middlewares',
        `{${head},"metadata":${metadata},"spec":{"plugin":${plugin}}}`,
      )
      if (status === 201) return depth
    }
    return 0
  }

  const isIssued = async (namespace: string, name: string): Promise<void> => {
    const at = { resource: RESOURCES.certificates, namespace, name: certificateOf(namespace, name) }
    await until(`${namespace}/${name} to be issued`, async () => {
      const found = await find(stack.client, at)
      return textAt(objectAt(found ?? {}, 'status'), 'notAfter')
    })
  }

  /** As cert-manager writes a failure. */
  const fails = async (namespace: string, name: string, message: string): Promise<void> => {
    const at = { resource: RESOURCES.certificates, namespace, name: certificateOf(namespace, name) }
    const status = {
      conditions: [
        { ...condition('Ready', 'False', { reason: 'DoesNotExist' }), lastTransitionTime: TIME },
        {
          ...condition('Issuing', 'False', { reason: 'Failed', message }),
          lastTransitionTime: TIME,
        },
      ],
      lastFailureTime: TIME,
      failedIssuanceAttempts: 2,
    }
    await stack.client.replace(
      RESOURCES.certificates,
      { ...(await stored(stack.client, at)), status },
      'status',
    )
  }

  const grantTenant = async (): Promise<void> => {
    await grantInNamespace(stack, { user: 'bob', namespace: EVIL }, [
      {
        apiGroups: ['traefik.io'],
        resources: ['ingressroutes', 'middlewares'],
        verbs: ['get', 'create', 'update', 'patch', 'delete'],
      },
      { apiGroups: ['cert-manager.io'], resources: ['issuers'], verbs: ['create'] },
    ])
  }
})

const TIME = '2026-11-30T00:00:00Z'

function route(namespace: string, name: string): JsonObject {
  const rules = [`Host(\`${name}.${namespace}.example.com\`)`]
  return routeManifest({ namespace, name, rules, spec: { entryPoints: ['websecure'] } })
}

function certificateOf(namespace: string, name: string): string {
  return `cert-${name}-${name}-${namespace}-example-com`
}

function lineOf(name: string): RegExp {
  return new RegExp(`${name}\\.(?:bank|evil)\\.example\\.com +(?:issued|failed)`)
}

function secretIn(object: JsonObject): string | undefined {
  return textAt(objectAt(objectAt(object, 'spec'), 'tls'), 'secretName')
}
