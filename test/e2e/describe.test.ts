import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { isJsonObject, listAt, objectAt, textAt, type JsonObject } from '../../shared/json/json.ts'
import type { Stack } from '../stack/stack.ts'
import type { Tlsauto } from '../stack/tlsauto.ts'
import { until } from '../stack/until.ts'
import { startWithTlsauto } from '../stack/with-tlsauto.ts'
import { itemsIn, kubectlTlsauto, plainRoute } from './plugin.ts'

suite('kubectl tlsauto describe on a real cluster', () => {
  let stack: Stack
  let tlsauto: Tlsauto

  before(async () => {
    ;({ stack, tlsauto } = await startWithTlsauto())
    await stack.acme.dns.servfail('dead.example.com')
    const route = plainRoute('shop', ['shop.example.com', 'dead.example.com'])
    await stack.kubectl(['apply', '-f', '-'], { input: route })
    const lost = plainRoute('lost', ['lost.example.com'], {
      annotations: { 'cert-manager.io/cluster-issuer': 'nope' },
    })
    await stack.kubectl(['apply', '-f', '-'], { input: lost })
    await reaches('shop.example.com', 'issued')
    await reaches('dead.example.com', 'failed')
  })

  after(async () => {
    await tlsauto?.stop()
    await stack?.stop()
  })

  const described = async (name: string): Promise<readonly JsonObject[]> => {
    const { stdout } = await kubectlTlsauto(stack, ['describe', name, '-o', 'json'])
    return stdout === '' ? [] : itemsIn(stdout)
  }

  const reaches = async (domain: string, state: string): Promise<void> => {
    await until(`${domain} to be ${state}`, async () =>
      (await described(domain))[0]?.['state'] === state ? true : undefined,
    )
  }

  test('a domain whose DNS is broken: the chain down to the challenge, which is marked', async () => {
    const { code, stdout, stderr } = await kubectlTlsauto(stack, ['describe', 'dead.example.com'])
    assert.deepEqual({ code, stderr }, { code: 1, stderr: '' })
    assert.match(stdout, /^dead\.example\.com is failed\n {2}Cause +DnsUnresolved: /)
    assert.match(
      stdout,
      /\n {2}What to do +Make dead\.example\.com resolve .* recreate dead\.example\.com\n/,
    )
    assert.match(stdout, /\n {2}What is next +cert-manager tries again by itself at \d{4}-/)
    assert.match(
      stdout,
      new RegExp(
        [
          '',
          'IngressRoute/shop +\\d+s',
          '└─ Certificate/cert-shop-dead-example-com +\\d+s +not ready, failed once',
          ' {3}├─ CertificateRequest/\\S+ +\\d+s +failed',
          ' {3}│ {2}└─ Order/\\S+ +\\d+s +invalid',
          // A challenge that cert-manager accepts twice ends as `expired` (plugin/gather/challenge-events.ts).
          ' {3}│ {5}└─ Challenge/\\S+ +\\d+s +<-- the cause: (?:invalid|expired), HTTP-01 for dead.example.com.*',
          ' {3}└─ ClusterIssuer/letsencrypt-prod +\\d+s +ready',
          '',
        ].join('\\n'),
      ),
    )
    assert.match(stdout, /\n\d+s +Warning +Failed +Challenge\/\S+ +/)
    assert.equal(stdout.match(/ WaitingForApproval /g)?.length, 1)
  })

  test('-o json of it: one object marked, and Events in the order of their times', async () => {
    const [item = {}] = await described('dead.example.com')
    assert.equal(item['cause'], 'DnsUnresolved')
    assert.deepEqual(
      nodesOf(objectAt(item, 'chain'))
        .filter(({ isCause }) => isCause === true)
        .map(({ kind }) => kind),
      ['Challenge'],
    )
    const times = listAt(item, 'events')
      .filter(isJsonObject)
      .map((event) => textAt(event, 'time') ?? '')
    assert.ok(times.length > 2)
    assert.deepEqual(times, times.toSorted())
  })

  test('a domain that is well: the chain of its issuance, nothing marked, exit code 0', async () => {
    const { code, stdout, stderr } = await kubectlTlsauto(stack, ['describe', 'shop.example.com'])
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    assert.match(
      stdout,
      /^shop\.example\.com is issued\n {2}What is next +cert-manager renews it by itself at .*Z\n\n/,
    )
    assert.match(stdout, /└─ Order\/\S+ +\d+s +valid\n/)
    assert.doesNotMatch(stdout, /<-- the cause/)
  })

  test('a route is all of its domains', async () => {
    const items = await described('shop')
    assert.deepEqual(
      items.map(({ domain }) => domain),
      ['shop.example.com', 'dead.example.com'],
    )
  })

  test('an issuer that is missing is the cause, at once', async () => {
    await until('the missing issuer to be found', async () => {
      const [item] = await described('lost.example.com')
      return item?.['cause'] === 'IssuerMissing' ? true : undefined
    })
    const { stdout } = await kubectlTlsauto(stack, ['describe', 'lost.example.com'])
    assert.match(stdout, /└─ ClusterIssuer\/nope +- +<-- the cause: missing\n/)
  })

  test('a name that is not there is exit code 2, with names that are near', async () => {
    assert.deepEqual(await kubectlTlsauto(stack, ['describe', 'shop.exmaple.com']), {
      code: 2,
      stdout: '',
      stderr:
        'error: no route or domain is called shop.exmaple.com here; did you mean shop.example.com? else try -A, or -n NAMESPACE\n',
    })
  })

  test('who may list routes and Certificates alone sees those, and what he may not see', async () => {
    const rights = [
      '--verb=list',
      '--resource=ingressroutes.traefik.io,certificates.cert-manager.io',
    ]
    await stack.kubectl(['create', 'role', 'reader', ...rights])
    await stack.kubectl(['create', 'rolebinding', 'reader', '--role=reader', '--user=bob'])
    const config = await stack.userKubeconfig('bob')
    const args = ['describe', 'dead.example.com']
    const { code, stdout, stderr } = await kubectlTlsauto(stack, args, config)
    assert.equal(code, 1)
    assert.match(stdout, /└─ Certificate\/cert-shop-dead-example-com +\d+s +.*not ready/)
    assert.match(stdout, /└─ ClusterIssuer\/letsencrypt-prod +- +unknown\n/)
    assert.match(
      stderr,
      /note: you are not allowed to get clusterissuers, so that the issuer stays unknown\n/,
    )
    assert.match(
      stderr,
      /note: you are not allowed to list events, so that what happened stays unknown\n/,
    )
  })
})

function nodesOf(node: JsonObject): readonly JsonObject[] {
  return [node, ...listAt(node, 'children').filter(isJsonObject).flatMap(nodesOf)]
}
