import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { after, before, suite, test } from 'node:test'
import type { JsonObject } from '../../shared/json/json.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { find } from '../stack/objects.ts'
import { fetchPage, type Page } from '../demo/fetch-page.ts'
import type { Tlsauto } from '../stack/tlsauto.ts'
import { lookingAt } from '../stack/looking-at.ts'
import type { Stack } from '../stack/stack.ts'
import { until } from '../stack/until.ts'
import { startWithTlsauto } from '../stack/with-tlsauto.ts'
import { itemsIn, kubectlTlsauto, plainRoute, spawnTlsauto } from './plugin.ts'

/** Routes with five broken domains each. */
const BROKEN = ['north', 'east', 'south', 'west'].map((route) => ({
  route,
  hosts: [1, 2, 3, 4, 5].map((number) => `${route}-${number}.example.com`),
}))

suite('repair on a real cluster', () => {
  let stack: Stack
  let tlsauto: Tlsauto

  before(async () => {
    ;({ stack, tlsauto } = await startWithTlsauto())
    await apply('shop', ['shop.example.com'])
  })

  after(async () => {
    await tlsauto?.stop()
    await stack?.stop()
  })

  const apply = async (name: string, hosts: readonly string[]): Promise<void> => {
    await stack.kubectl(['apply', '-f', '-'], { input: plainRoute(name, hosts) })
  }
  /** A field of an object of namespace `default`. */
  const field = async (object: string, path: string): Promise<string> => {
    const { stdout } = await stack.kubectl(['get', object, '-o', `jsonpath={${path}}`])
    return stdout
  }
  const CERTIFICATE = 'certificate/cert-shop-shop-example-com'
  const SECRET = 'secret/tls-shop-shop-example-com'

  test('wait ends with 0 once every domain of the route is issued', async () => {
    const { code, stdout, stderr } = await kubectlTlsauto(stack, ['wait', 'shop'])
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    assert.match(stdout, /(^|\n)shop\.example\.com is (issued|renewing), until \d{4}-.*Z\n$/)
  })

  test('wait --for failed ends with 1 at once where it is issued', async () => {
    const { code, stdout } = await kubectlTlsauto(stack, ['wait', 'shop', '--for', 'failed'])
    assert.equal(code, 1)
    assert.match(stdout, /^shop\.example\.com is (issued|renewing), until .*Z\n$/)
  })

  test('wait ends with 1 at its timeout, and says how it stands', async () => {
    await apply('late', ['late.example.com'])
    const { code, stderr } = await kubectlTlsauto(stack, ['wait', 'late', '--timeout', '0'])
    assert.equal(code, 1)
    assert.match(stderr, /^timed out after 0 s: late\.example\.com is pending: .+\n$/)
  })

  test('wait for what is not there ends with 2', async () => {
    assert.deepEqual(await kubectlTlsauto(stack, ['wait', 'nope.example.com']), {
      code: 2,
      stdout: '',
      stderr:
        'error: no Certificate, route or domain is called nope.example.com here; try -A, or -n NAMESPACE\n',
    })
  })

  test('renew --dry-run tells, and changes nothing', async () => {
    const version = await field(CERTIFICATE, '.metadata.resourceVersion')
    assert.deepEqual(await kubectlTlsauto(stack, ['renew', 'shop', '--dry-run']), {
      code: 0,
      stdout:
        'certificate.cert-manager.io/cert-shop-shop-example-com would be issued again (dry run)\n',
      stderr: '',
    })
    assert.equal(await field(CERTIFICATE, '.metadata.resourceVersion'), version)
  })

  test('renew --wait issues a valid certificate again, into the same Secret', async () => {
    const uid = await field(SECRET, '.metadata.uid')
    const old = await field(SECRET, '.data')
    const { code, stdout, stderr } = await kubectlTlsauto(stack, ['renew', 'shop', '--wait'])
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    assert.match(stdout, /^certificate.*is being issued again\nshop\.example\.com is renewing/)
    assert.match(stdout, /\nshop\.example\.com is issued, until .*\n$/)
    assert.equal(await field(CERTIFICATE, '.status.revision'), '2')
    assert.equal(await field(SECRET, '.metadata.uid'), uid)
    assert.notEqual(await field(SECRET, '.data'), old)
  })

  test('not one handshake fails while a certificate in use is issued again', async (t) => {
    const at = {
      domain: 'shop.example.com',
      port: stack.websecure,
      rootFile: stack.acme.rootFile,
    }
    const { expires } = await until('it to be served', async () => fetchPage(at))
    const fetches: Promise<Page>[] = []
    const timer = setInterval(() => {
      const fetch = fetchPage(at)
      // Looked at in the end.
      fetch.catch(() => undefined)
      fetches.push(fetch)
    }, 20)
    try {
      assert.equal((await kubectlTlsauto(stack, ['renew', 'shop', '--wait'])).code, 0)
      await until('the new one to be served', async () => {
        return (await fetchPage(at)).expires > expires ? true : undefined
      })
    } finally {
      clearInterval(timer)
    }
    const failed = (await Promise.allSettled(fetches)).filter(({ status }) => status === 'rejected')
    t.diagnostic(`${fetches.length} handshakes`)
    assert.deepEqual(failed, [])
    assert.ok(fetches.length > 50, `${fetches.length} handshakes are too few`)
  })

  test('wait tells the reason of domains that fail, and ends with 1', async () => {
    await Promise.all(
      BROKEN.flatMap(({ hosts }) => hosts).map(async (host) => stack.acme.dns.servfail(host)),
    )
    for (const { route, hosts } of BROKEN) await apply(route, hosts)
    const { code, stdout } = await kubectlTlsauto(stack, ['wait', 'north'])
    assert.equal(code, 1)
    assert.match(stdout, /\nnorth-1\.example\.com is failed: .*(DNS|resolv|SERVFAIL)/i)
  })

  test('recreate --failed -A --wait fixes 20 broken domains once their DNS is fixed', async () => {
    const routes = BROKEN.map(({ route }) => route)
    const failed = await kubectlTlsauto(stack, ['wait', ...routes, '--for=failed'])
    assert.equal(failed.code, 0, failed.stdout)
    const hosts = BROKEN.flatMap((broken) => broken.hosts)
    await Promise.all(hosts.map(async (host) => stack.acme.dns.restore(host)))
    const recreate = ['recreate', '--failed', '-A', '--wait', ...lookingAt(stack)]
    const { code, stdout, stderr } = await kubectlTlsauto(stack, recreate)
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    const issued = hosts.filter((host) => stdout.includes(`\n${host} is issued, until `))
    assert.deepEqual(issued, hosts)
    assert.equal((await kubectlTlsauto(stack, ['status', '-A'])).code, 0)
  })

  test('recreate --failed where nothing has failed says so, and is fine', async () => {
    assert.deepEqual(await kubectlTlsauto(stack, ['recreate', '--failed', '-A']), {
      code: 0,
      stdout: '',
      stderr: 'nothing has failed\n',
    })
  })

  test('recreate --hard of what is valid is created again, and says that nothing is ordered', async () => {
    const uid = await field(CERTIFICATE, '.metadata.uid')
    const data = await field(SECRET, '.data')
    const args = ['recreate', 'shop', '--hard', '--force', '--wait']
    const { code, stdout, stderr } = await kubectlTlsauto(stack, args)
    assert.equal(code, 0)
    assert.match(
      stderr,
      /^cert-shop-shop-example-com: its Secret tls-shop-shop-example-com is valid until .*, so nothing will be ordered; .*\n$/,
    )
    assert.match(stdout, /^certificate\.cert-manager\.io\/cert-shop-shop-example-com deleted\n/)
    assert.match(
      stdout,
      /\ncertificate\.cert-manager\.io\/cert-shop-shop-example-com was created again\n/,
    )
    assert.notEqual(await field(CERTIFICATE, '.metadata.uid'), uid)
    assert.equal(await field(SECRET, '.data'), data)
  })

  test('recreate --hard --delete-secret orders a new one', async () => {
    const uid = await field(SECRET, '.metadata.uid')
    const args = ['recreate', 'shop', '--hard', '--delete-secret', '--force', '--yes', '--wait']
    const { code, stdout, stderr } = await kubectlTlsauto(stack, args)
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    assert.match(stdout, /example-com deleted, with its Secret\n/)
    assert.notEqual(await field(SECRET, '.metadata.uid'), uid)
  })

  test('recreate --hard deletes nothing while no controller would create it again', async () => {
    const uid = await field(CERTIFICATE, '.metadata.uid')
    await stack.acme.dns.servfail('dead.example.com')
    await apply('dead', ['dead.example.com'])
    await kubectlTlsauto(stack, ['wait', 'dead', '--for=failed'])
    await stack.acme.dns.restore('dead.example.com')
    await tlsauto.stop()
    const recreate = ['recreate', 'dead', '--hard', ...lookingAt(stack)]
    const refused = await kubectlTlsauto(stack, recreate)
    await tlsauto.start()
    assert.deepEqual(refused, {
      code: 1,
      stdout: '',
      stderr:
        'tlsauto would not create the Certificate again: no replica of it leads; fix that, or leave out --hard (--force deletes it all the same)\n',
    })
    assert.equal(await field(CERTIFICATE, '.metadata.uid'), uid)
  })

  /** Issues a certificate for a route of that name, and takes the route away: its Secret stays. */
  const leaveSecret = async (name: string): Promise<void> => {
    await apply(name, [`${name}.example.com`])
    const { code, stdout } = await kubectlTlsauto(stack, ['wait', name])
    assert.equal(code, 0, stdout)
    await stack.kubectl(['delete', 'ingressroute', name])
    const target = {
      resource: RESOURCES.certificates,
      namespace: 'default',
      name: `cert-${name}-${name}-example-com`,
    }
    await until(
      `the Certificate of ${name} to go`,
      async () => ((await find(stack.client, target)) === undefined ? true : undefined),
      60_000,
    )
  }

  test('prune lists the Secret of a route that is gone, but not one that anything names', async () => {
    await Promise.all(['old', 'kept', 'asleep', 'nightly'].map(leaveSecret))
    for (const object of sleepers(
      'tls-asleep-asleep-example-com',
      'tls-nightly-nightly-example-com',
    )) {
      await stack.kubectl(['apply', '-f', '-'], { input: JSON.stringify(object) })
    }
    const store = {
      apiVersion: 'traefik.io/v1alpha1',
      kind: 'TLSStore',
      metadata: { name: 'more', namespace: 'default' },
      spec: { certificates: [{ secretName: 'tls-kept-kept-example-com' }] },
    }
    await stack.kubectl(['apply', '-f', '-'], { input: JSON.stringify(store) })
    assert.deepEqual(await kubectlTlsauto(stack, ['prune', '-o', 'name']), {
      code: 0,
      stdout: 'secret/tls-old-old-example-com\n',
      stderr: '',
    })
    const { stdout } = await kubectlTlsauto(stack, ['prune', '-A', '--no-headers'])
    assert.match(
      stdout,
      /^default {3}tls-old-old-example-com {3}cert-old-old-example-com {3}\d+[sm] {3}old\.example\.com\n$/,
    )
  })

  test('prune without the right to list Secrets says so', async () => {
    const config = await stack.userKubeconfig('bob')
    assert.deepEqual(await kubectlTlsauto(stack, ['prune'], config), {
      code: 2,
      stdout: '',
      stderr:
        'error: you are not allowed to list Secrets here, and prune can do nothing without: ask for the verbs list and delete on secrets, or say -n NAMESPACE\n',
    })
  })

  test('prune --yes deletes that Secret, and no other', async () => {
    const secrets = async (): Promise<readonly string[]> => {
      const { stdout } = await stack.kubectl(['get', 'secrets', '-A', '-o', 'name'])
      return stdout.trim().split('\n')
    }
    const before = await secrets()
    assert.deepEqual(await kubectlTlsauto(stack, ['prune', '-A', '--yes']), {
      code: 0,
      stdout: 'secret/tls-old-old-example-com deleted\n',
      stderr: '',
    })
    const gone = before.filter((name) => name !== 'secret/tls-old-old-example-com')
    assert.deepEqual(await secrets(), gone)
    assert.deepEqual(await kubectlTlsauto(stack, ['prune', '-A', '--yes']), {
      code: 0,
      stdout: '',
      stderr: 'every Secret of a certificate is still named\n',
    })
  })

  test('issuer shows the account, and the domains that hang on it', async () => {
    const { code, stdout, stderr } = await kubectlTlsauto(stack, ['issuer', '-o', 'json'])
    const [item = {}] = itemsIn(stdout)
    const { account, domains, ...rest } = item
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    assert.deepEqual(rest, {
      kind: 'ClusterIssuer',
      namespace: null,
      name: 'letsencrypt-prod',
      group: 'cert-manager.io',
      ready: true,
      reason: 'ACMEAccountRegistered',
      message: null,
      type: 'acme',
      server: stack.acme.directory,
      email: null,
    })
    assert.match(String(account), /^https:\/\/127\.0\.0\.1:\d+\/my-account\//)
    assert.ok(Array.isArray(domains) && domains.includes('shop.example.com'), stdout)
  })

  test('issuer tells that one is missing, and ends with 1', async () => {
    const input = plainRoute('lost', ['lost.example.com'], {
      annotations: { 'cert-manager.io/cluster-issuer': 'nope' },
    })
    await stack.kubectl(['apply', '-f', '-'], { input })
    const missing = await until('its Certificate', async () => {
      const answer = await kubectlTlsauto(stack, ['issuer', 'nope', '--no-headers'])
      return answer.code === 2 ? undefined : answer
    })
    assert.deepEqual(missing, {
      code: 1,
      stdout:
        'ClusterIssuer/nope   False (NotFound)   -   -   lost.example.com   there is no ClusterIssuer nope: create it, and the domains go on by themselves\n',
      stderr: '',
    })
  })

  const requestOfLost = async (): Promise<string> => {
    const path = `.items[?(@.metadata.annotations.cert-manager\\.io/certificate-name=="cert-lost-lost-example-com")].metadata.uid`
    return field('certificaterequests', path)
  }

  test('recreate --force starts again what would wait for ever', async () => {
    const old = await until('its request', async () => (await requestOfLost()) || undefined)
    const refused = await kubectlTlsauto(stack, ['recreate', 'lost'])
    assert.equal(refused.code, 1)
    assert.match(refused.stderr, /^lost\.example\.com is pending .*: it is under way; .*\n$/)
    assert.equal((await kubectlTlsauto(stack, ['recreate', 'lost', '--force'])).code, 0)
    await until('another request', async () => {
      const uid = await requestOfLost()
      return uid !== '' && uid !== old ? true : undefined
    })
  })
  test('wait waits for an API server that goes away meanwhile', async () => {
    stack.certManager.kill('SIGSTOP')
    try {
      // It fails however soon Traefik is back.
      await stack.acme.dns.servfail('patient.example.com')
      await apply('patient', ['patient.example.com'])
      const waiting = spawnTlsauto(stack, ['wait', 'patient', '--for', 'failed'])
      const exit = once(waiting, 'exit')
      const first = once(createInterface({ input: waiting.stdout }), 'line')
      assert.match(String(await first), /^patient\.example\.com is pending/)
      await stack.apiServerOutage(3000)
      stack.certManager.kill('SIGCONT')
      assert.deepEqual(await exit, [0, null])
    } finally {
      stack.certManager.kill('SIGCONT')
    }
  })
})

/** A Deployment of no Pods and a CronJob, each with a Secret in its template of Pods. */
function sleepers(ofDeployment: string, ofCronJob: string): readonly JsonObject[] {
  const labels = { app: 'shop' }
  const pod = (secretName: string, restartPolicy: string): JsonObject => ({
    metadata: { labels },
    spec: {
      containers: [{ name: 'shop', image: 'shop' }],
      volumes: [{ name: 'tls', secret: { secretName } }],
      restartPolicy,
    },
  })
  const template = pod(ofCronJob, 'OnFailure')
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'asleep', namespace: 'default' },
      spec: {
        replicas: 0,
        selector: { matchLabels: labels },
        template: pod(ofDeployment, 'Always'),
      },
    },
    {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'nightly', namespace: 'default' },
      spec: { schedule: '0 3 * * *', jobTemplate: { spec: { template } } },
    },
  ]
}
