import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { isJsonObject, listAt, objectAt, textAt, type JsonObject } from '../../shared/json/json.ts'
import { RESOURCES, type Resource } from '../../shared/kube/resources.ts'
import { startNoSuchName } from '../stack/no-such-name.ts'
import { routeManifest } from '../stack/route-manifest.ts'
import type { Stack } from '../stack/stack.ts'
import type { Tlsauto } from '../stack/tlsauto.ts'
import { until } from '../stack/until.ts'
import { startWithTlsauto } from '../stack/with-tlsauto.ts'
import { kubectlTlsauto, plainRoute } from './plugin.ts'

const ISSUER = 'cert-manager.io/cluster-issuer'
const REDIRECTED = "path: the challenge's path is redirected"

suite('kubectl tlsauto doctor on a real cluster', () => {
  let stack: Stack
  let tlsauto: Tlsauto

  before(async () => {
    ;({ stack, tlsauto } = await startWithTlsauto())
    await apply(brokenIssuer('nobody-there', 'https://127.0.0.1:1/dir', 'traefik'))
    await apply(brokenIssuer('wrong-class', stack.acme.directory, 'nginx'))
    await apply(JSON.parse(plainRoute('shop', ['shop.example.com'])))
    await until('shop.example.com to be issued', async () =>
      (await causeOf('shop.example.com')) === undefined ? true : undefined,
    )
  })

  after(async () => {
    await tlsauto?.stop()
    await stack?.stop()
  })

  const apply = async (object: unknown): Promise<void> => {
    await stack.kubectl(['apply', '-f', '-'], { input: JSON.stringify(object) })
  }

  const doctor = async (...args: readonly string[]): Promise<readonly JsonObject[]> => {
    const probes = [`--http-port=${stack.web}`, `--resolver=${stack.acme.dnsServer}`, '-o', 'json']
    const { stdout, stderr } = await kubectlTlsauto(stack, ['doctor', ...probes, ...args])
    assert.equal(stderr, '')
    const value: unknown = JSON.parse(stdout)
    return isJsonObject(value) ? listAt(value, 'checks').filter(isJsonObject) : []
  }

  /** The first that is wrong: its check, and what it says. */
  const causeOf = async (...args: readonly string[]): Promise<string | undefined> => {
    const first = (await doctor(...args)).find(({ result }) => result === 'wrong')
    return first === undefined ? undefined : `${String(first['check'])}: ${String(first['what'])}`
  }

  const hasCause = async (args: readonly string[], cause: string): Promise<void> => {
    let seen: string | undefined
    try {
      await until(cause, async () => {
        seen = await causeOf(...args)
        return seen === cause ? true : undefined
      })
    } catch {
      assert.equal(seen, cause)
    }
  }

  test('without a domain: the installation is well', async () => {
    const checks = await doctor()
    assert.deepEqual(
      checks.map(({ check, result }) => `${String(check)} ${String(result)}`),
      [
        'versions unknown', // nothing runs in Pods here
        'tlsauto fine',
        'rights fine',
        'lease fine',
        'webhook fine',
        'config fine',
        'policies fine',
        'admission fine',
        'attach unknown',
        'issuer fine',
        'account fine',
        'solver fine',
        'class fine',
      ],
    )
  })

  const broken: readonly {
    readonly name: string
    readonly domain: string
    readonly issuer?: string
    readonly before?: () => Promise<void>
    readonly cause: string
  }[] = [
    {
      name: 'DNS that fails',
      domain: 'dead.example.com',
      before: async () => stack.acme.dns.servfail('dead.example.com'),
      cause: 'dns: the DNS servers of dead.example.com fail',
    },
    {
      name: 'an issuer that is missing',
      domain: 'missing.example.com',
      issuer: 'nope',
      cause: 'issuer: ClusterIssuer nope does not exist',
    },
    {
      name: 'an issuer that is not ready',
      domain: 'unready.example.com',
      issuer: 'nobody-there',
      cause: 'issuer: ClusterIssuer nobody-there is not ready',
    },
    {
      name: 'a solver of a class that Traefik does not serve',
      domain: 'class.example.com',
      issuer: 'wrong-class',
      cause: "class: Traefik does not serve the solver's ingress class nginx",
    },
    {
      name: 'a wildcard without an issuer for it',
      domain: '*.none.example.com',
      cause: 'route: tlsauto leaves route default/none alone',
    },
    {
      name: 'a wildcard whose issuer has no DNS-01',
      domain: '*.wild.example.com',
      issuer: 'letsencrypt-prod',
      cause: 'solver: a wildcard needs a DNS-01 solver, and the issuer has none for it',
    },
  ]

  for (const { name, domain, issuer, cause, ...steps } of broken) {
    test(`the cause is ${name}`, async () => {
      await steps.before?.()
      const route = domain.replace('*.', '').split('.')[0] ?? ''
      const annotations = issuer === undefined ? {} : { annotations: { [ISSUER]: issuer } }
      await apply(JSON.parse(plainRoute(route, [domain], annotations)))
      await stack.kubectl(['delete', 'events', '--all'])
      await hasCause([domain], cause)
    })
  }

  test('the cause is a name that is not there', async () => {
    const stop = new AbortController()
    const resolver = await startNoSuchName(stop.signal)
    const args = ['shop.example.com', '--address=127.0.0.1', `--resolver=${resolver}`]
    await hasCause(args, 'dns: shop.example.com has no address')
    stop.abort()
  })

  test('who may list routes and Certificates alone is told what he may not see', async () => {
    const kinds = '--resource=ingressroutes.traefik.io,certificates.cert-manager.io'
    await stack.kubectl(['create', 'role', 'reader', '--verb=list', kinds])
    await stack.kubectl(['create', 'rolebinding', 'reader', '--role=reader', '--user=bob'])
    const probes = [`--http-port=${stack.web}`, `--resolver=${stack.acme.dnsServer}`]
    const args = ['doctor', 'shop.example.com', ...probes]
    const bob = await stack.userKubeconfig('bob')
    const { code, stdout, stderr } = await kubectlTlsauto(stack, args, bob)
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    assert.match(stdout, /^\? +admission +you are not allowed to create routes here/m)
    assert.match(
      stdout,
      /^\? +issuer +you are not allowed to read ClusterIssuer letsencrypt-prod$/m,
    )
    assert.match(stdout, /^ok +status +issued, until /m)
  })

  test('the cause is a closed port, where DNS leads', async () => {
    await stack.acme.dns.set('shop.example.com', ['127.0.0.3'])
    const at = `127.0.0.3:${stack.web}`
    await hasCause(['shop.example.com'], `port: plain HTTP at ${at} does not answer`)
    const args = ['shop.example.com', '--address=127.0.0.1']
    await hasCause(args, 'dns: shop.example.com leads elsewhere')
    await stack.acme.dns.restore('shop.example.com')
  })

  test('the cause is a redirect of the challenge’s path', async () => {
    const namespace = 'default'
    const redirect = { apiVersion: 'traefik.io/v1alpha1', kind: 'Middleware' }
    const spec = { redirectScheme: { scheme: 'https' } }
    await apply({ ...redirect, metadata: { namespace, name: 'to-https' }, spec })
    const manifest = routeManifest({ namespace, name: 'taker', rules: [] })
    const rule = {
      kind: 'Rule',
      match: 'Host(`shop.example.com`) && PathPrefix(`/.well-known/`)',
      priority: 5000,
      middlewares: [{ name: 'to-https' }],
      services: [{ name: 'noop@internal', kind: 'TraefikService' }],
    }
    await apply({ ...manifest, spec: { entryPoints: ['web'], routes: [rule] } })
    await hasCause(['shop.example.com'], REDIRECTED)
  })

  test('the cause is another namespace that holds the host', async () => {
    await stack.kubectl(['create', 'namespace', 'other'])
    await apply(JSON.parse(plainRoute('shop', ['shop.example.com'], { namespace: 'other' })))
    const args = ['shop.example.com', '-n', 'other']
    await hasCause(args, 'host: another namespace holds shop.example.com')
  })

  test('the cause is another Certificate with the same Secret', async () => {
    const { stdout } = await stack.kubectl([
      'get',
      'certificate',
      'cert-shop-shop-example-com',
      '-o',
      'json',
    ])
    const value: unknown = JSON.parse(stdout)
    const spec = isJsonObject(value) ? value['spec'] : undefined
    const metadata = { namespace: 'default', name: 'rival' }
    await apply({ apiVersion: 'cert-manager.io/v1', kind: 'Certificate', metadata, spec })
    await hasCause(['shop.example.com'], 'secret: two Certificates have the same Secret')
    await stack.kubectl(['delete', 'certificate', 'rival'])
  })

  test('with every Event gone and every message an x, the causes are the same', async () => {
    stack.certManager.kill('SIGSTOP')
    try {
      await stack.kubectl(['delete', 'events', '--all', '-A'])
      for (const resource of TOLD) await blankMessages(stack, resource)
      for (const { domain, cause } of broken) {
        assert.equal(await causeOf(domain), cause)
      }
      const shop = 'shop.example.com'
      assert.equal(await causeOf(shop), REDIRECTED)
      assert.equal(await causeOf(shop, '-n', 'other'), `host: another namespace holds ${shop}`)
      await stack.acme.dns.set(shop, ['127.0.0.3'])
      const port = `port: plain HTTP at 127.0.0.3:${stack.web} does not answer`
      assert.equal(await causeOf(shop), port)
    } finally {
      stack.certManager.kill('SIGCONT')
    }
  })

  test('tlsauto that does not run is told by its Lease and by a dry run', async () => {
    await tlsauto.stop()
    const wrongs = (await doctor()).filter(({ result }) => result === 'wrong')
    assert.deepEqual(
      wrongs.map(({ check, what }) => [check, what]),
      [
        ['lease', 'tlsauto does not run'],
        ['admission', 'the API server does not reach tlsauto'],
      ],
    )
  })
})

/** Whatever tells in words how an issuance gets on. */
const TOLD = [
  RESOURCES.certificates,
  RESOURCES.certificateRequests,
  RESOURCES.orders,
  RESOURCES.challenges,
  RESOURCES.clusterIssuers,
] as const

async function blankMessages({ client }: Stack, resource: Resource): Promise<void> {
  const { items } = await client.list({ resource })
  for (const item of items) {
    const status = objectAt(item, 'status')
    const conditions = listAt(status, 'conditions').filter(isJsonObject)
    const blank = {
      ...status,
      ...(textAt(status, 'reason') === undefined ? {} : { reason: 'x' }),
      conditions: conditions.map((condition) => ({ ...condition, message: 'x' })),
    }
    await client.replace(resource, { ...item, status: blank }, 'status')
  }
}

function brokenIssuer(name: string, server: string, ingressClassName: string): JsonObject {
  return {
    apiVersion: 'cert-manager.io/v1',
    kind: 'ClusterIssuer',
    metadata: { name },
    spec: {
      acme: {
        server,
        privateKeySecretRef: { name: `${name}-account` },
        solvers: [{ http01: { ingress: { ingressClassName } } }],
      },
    },
  }
}
