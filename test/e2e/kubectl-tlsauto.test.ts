import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, suite, test } from 'node:test'
import { isJsonObject, listAt, type JsonObject } from '../../shared/json/json.ts'
import type { Tlsauto } from '../stack/tlsauto.ts'
import { lookingAt } from '../stack/looking-at.ts'
import type { Stack } from '../stack/stack.ts'
import { until } from '../stack/until.ts'
import { startWithTlsauto } from '../stack/with-tlsauto.ts'
import { itemsIn, kubectlTlsauto, plainRoute, spawnTlsauto } from './plugin.ts'

suite('kubectl tlsauto on a real cluster', () => {
  let stack: Stack
  let tlsauto: Tlsauto

  before(async () => {
    ;({ stack, tlsauto } = await startWithTlsauto())
    await stack.acme.dns.servfail('dead.example.com')
    const route = plainRoute('shop', ['shop.example.com', 'dead.example.com'])
    await stack.kubectl(['apply', '-f', '-'], { input: route })
    await reaches('shop.example.com', 'issued')
    await reaches('dead.example.com', 'failed')
  })

  after(async () => {
    await tlsauto?.stop()
    await stack?.stop()
  })

  const statusOf = async (domain: string): Promise<JsonObject> => {
    const { stdout } = await kubectlTlsauto(stack, ['status', domain, '-o', 'json'])
    return itemsIn(stdout)[0] ?? {}
  }

  const reaches = async (domain: string, state: string): Promise<void> => {
    await until(`${domain} to be ${state}`, async () =>
      (await statusOf(domain))['state'] === state ? true : undefined,
    )
  }

  test('status shows the DNS error, an hour until the next try, and exit code 1', async () => {
    const { code, stdout, stderr } = await kubectlTlsauto(stack, ['status', '--no-headers'])
    const [dead, shop] = stdout.trimEnd().split('\n').sort()
    assert.deepEqual({ code, stderr }, { code: 1, stderr: '' })
    assert.match(
      dead ?? '',
      /^shop {3}dead\.example\.com {3}failed +- +59m +.*(DNS|resolv|SERVFAIL)/i,
    )
    assert.match(shop ?? '', /^shop {3}shop\.example\.com {3}issued +\d+[dhy] +-$/)
  })

  test('status -o json has every field, null where nothing is known', async () => {
    const { reason, message, cause, whatToDo, notAfter, nextRetry, ...rest } =
      await statusOf('dead.example.com')
    assert.deepEqual(rest, {
      namespace: 'default',
      kind: 'IngressRoute',
      route: 'shop',
      domain: 'dead.example.com',
      app: 'shop',
      tlsStatus: 'failed',
      state: 'failed',
      certificate: 'cert-shop-dead-example-com',
      secret: 'tls-shop-dead-example-com',
      issuer: 'ClusterIssuer/letsencrypt-prod',
      dnsConfigured: null,
    })
    assert.equal(notAfter, null)
    assert.match(String(reason), /^(Dns|Connection)$/)
    assert.match(String(message), /DNS|resolv|SERVFAIL/i)
    assert.equal(cause, 'DnsUnresolved')
    assert.match(
      String(whatToDo),
      /^Make dead\.example\.com resolve .* kubectl tlsauto recreate dead\.example\.com$/,
    )
    assert.match(String(nextRetry), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  })

  test('the next try is an hour after the failure, as cert-manager has it', async () => {
    const args = ['get', 'certificate', 'cert-shop-dead-example-com', '-o']
    const { stdout } = await stack.kubectl([...args, 'jsonpath={.status.lastFailureTime}'])
    const { nextRetry } = await statusOf('dead.example.com')
    assert.equal(Date.parse(String(nextRetry)), Date.parse(stdout) + 3_600_000)
  })

  test('status of a domain alone that is issued is exit code 0', async () => {
    const { code } = await kubectlTlsauto(stack, ['status', 'shop.example.com'])
    assert.equal(code, 0)
  })

  test('status -o name and -A name each Certificate', async () => {
    const { stdout } = await kubectlTlsauto(stack, ['status', '-A', '-o', 'name'])
    assert.equal(
      stdout,
      'certificate.cert-manager.io/cert-shop-shop-example-com\n' +
        'certificate.cert-manager.io/cert-shop-dead-example-com\n',
    )
  })

  test('status --problems shows what needs a look alone', async () => {
    const { code, stdout } = await kubectlTlsauto(stack, ['status', '--problems', '-o', 'name'])
    assert.deepEqual(
      { code, stdout },
      { code: 1, stdout: 'certificate.cert-manager.io/cert-shop-dead-example-com\n' },
    )
  })

  test('status -l chooses routes by label, and --all shows what is left alone on purpose', async () => {
    const input = plainRoute('own', ['own.example.com'], {
      labels: { tier: 'own' },
      annotations: { 'tlsauto.dev/enabled': 'false' },
    })
    await stack.kubectl(['apply', '-f', '-'], { input })
    const labelled = ['status', '-l', 'tier=own', '--no-headers']
    assert.deepEqual(await kubectlTlsauto(stack, labelled), {
      code: 0,
      stdout: '',
      stderr: '0 domains; 1 left alone (--all shows why)\n',
    })
    assert.deepEqual(await kubectlTlsauto(stack, [...labelled, '--all']), {
      code: 0,
      stdout:
        'own   own.example.com   unmanaged   -   -   opted out by tlsauto.dev/enabled; remove it to opt in\n',
      stderr: '',
    })
    await stack.kubectl(['delete', 'ingressroute', 'own'])
  })

  test('a selector that the API server cannot read is exit code 2', async () => {
    const { code, stderr } = await kubectlTlsauto(stack, ['status', '-l', 'tier in'])
    assert.equal(code, 2)
    assert.match(stderr, /^error: --selector tier in can't be read: unable to parse requirement: /)
  })

  test('a name that is not there is exit code 2, with what to try', async () => {
    assert.deepEqual(await kubectlTlsauto(stack, ['status', 'nope.example.com']), {
      code: 2,
      stdout: '',
      stderr:
        'error: no route or domain is called nope.example.com here; try -A, or -n NAMESPACE\n',
    })
  })

  test('recreate refuses what is issued, and says so', async () => {
    assert.deepEqual(await kubectlTlsauto(stack, ['recreate', 'shop.example.com']), {
      code: 1,
      stdout: '',
      stderr: 'shop.example.com is issued: nothing to repair; it renews by itself\n',
    })
  })

  test('recreate of a domain that is still dead is refused, and with --force tells that it failed again', async () => {
    const recreate = ['recreate', 'dead.example.com', '--wait', ...lookingAt(stack)]
    assert.deepEqual(await kubectlTlsauto(stack, recreate), {
      code: 1,
      stdout: '',
      stderr:
        'cert-shop-dead-example-com would fail again: the DNS servers of dead.example.com fail (DNS says SERVFAIL); fix its zone: its name servers, its delegation, DNSSEC; --force tries all the same\n',
    })
    const { code, stdout } = await kubectlTlsauto(stack, [...recreate, '--force'])
    assert.equal(code, 1)
    assert.match(stdout, /^certificate\.cert-manager\.io\/cert-shop-dead-example-com is being/)
    assert.match(stdout, /\ndead\.example\.com is failed: .*(DNS|resolv|SERVFAIL).*\n$/i)
    assert.equal((await statusOf('dead.example.com'))['state'], 'failed')
  })

  test('recreate takes away a request that was denied, which would end the new issuance', async () => {
    const selector =
      'jsonpath={.items[?(@.metadata.annotations.cert-manager\\.io/certificate-name=="cert-shop-dead-example-com")].metadata.name}'
    const { stdout: name } = await stack.kubectl(['get', 'certificaterequest', '-o', selector])
    const conditions = [
      { type: 'Denied', status: 'True', reason: 'Test', message: 'denied by the test' },
      { type: 'Ready', status: 'False', reason: 'Denied', message: 'denied by the test' },
    ]
    const patch = [
      'patch',
      'certificaterequest',
      name,
      '--subresource=status',
      '--type=merge',
      '-p',
    ]
    await stack.kubectl([...patch, JSON.stringify({ status: { conditions } })])
    const recreate = ['recreate', 'dead.example.com', '--wait', '--force']
    const { stdout } = await kubectlTlsauto(stack, recreate)
    assert.match(stdout, /\ndead\.example\.com is failed: .*(DNS|resolv|SERVFAIL).*\n$/i)
  })

  test('recreate ROUTE --wait repairs the one that failed, once its DNS is fixed', async () => {
    await stack.acme.dns.restore('dead.example.com')
    const secret = async (): Promise<string> => {
      const args = ['get', 'secret', 'tls-shop-shop-example-com', '-o', 'jsonpath={.data}']
      return (await stack.kubectl(args)).stdout
    }
    const untouched = await secret()
    const recreate = ['recreate', 'shop', '--wait', ...lookingAt(stack)]
    const { code, stdout, stderr } = await kubectlTlsauto(stack, recreate)
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    assert.match(stdout, /\ndead\.example\.com is issued, until \d{4}-.*Z\n$/)
    assert.equal(await secret(), untouched)
    assert.equal((await kubectlTlsauto(stack, ['status'])).code, 0)
  })

  test('a kubeconfig whose credentials come from a program works, also second in KUBECONFIG', async () => {
    const admin = await readFile(stack.kubeconfig, 'utf8')
    const [inline = '', token = ''] = /"token": "(.+)"/.exec(admin) ?? []
    const apiVersion = 'client.authentication.k8s.io/v1'
    const credential = { apiVersion, kind: 'ExecCredential', status: { token } }
    const exec = {
      apiVersion,
      command: 'echo',
      args: [JSON.stringify(credential)],
      interactiveMode: 'Never',
    }
    const config = join(stack.folder, 'exec.kubeconfig')
    await writeFile(config, admin.replace(inline, `"exec": ${JSON.stringify(exec)}`))
    const other = join(stack.folder, 'other.kubeconfig')
    await writeFile(other, 'apiVersion: v1\nkind: Config\n')
    const { code, stderr } = await kubectlTlsauto(stack, ['status'], `${other}:${config}`)
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
  })

  test('who may list routes and Certificates alone sees the statuses, and what he may not see', async () => {
    const rights = [
      '--verb=list',
      '--resource=ingressroutes.traefik.io,certificates.cert-manager.io',
    ]
    await stack.kubectl(['create', 'role', 'reader', ...rights])
    await stack.kubectl(['create', 'rolebinding', 'reader', '--role=reader', '--user=bob'])
    const config = await stack.userKubeconfig('bob')
    assert.deepEqual(await kubectlTlsauto(stack, ['status', '-o', 'name'], config), {
      code: 0,
      stdout:
        'certificate.cert-manager.io/cert-shop-shop-example-com\n' +
        'certificate.cert-manager.io/cert-shop-dead-example-com\n',
      stderr: notes({ ingressroutetcps: 'their domains' }),
    })
    const { code, stderr } = await kubectlTlsauto(stack, ['describe', 'shop'], config)
    const causes = 'some causes'
    const kinds = { certificaterequests: causes, orders: causes, challenges: causes }
    assert.equal(code, 0)
    assert.ok(stderr.startsWith(notes({ ingressroutetcps: 'their domains', ...kinds })), stderr)
  })

  test('plan without files tells what would become of the routes of the cluster', async () => {
    const { code, stdout } = await kubectlTlsauto(stack, ['plan', '-o', 'json', '--attach=inject'])
    assert.equal(code, 0)
    const answer: unknown = JSON.parse(stdout)
    const items = isJsonObject(answer) ? listAt(answer, 'items').filter(isJsonObject) : []
    assert.deepEqual(
      items.map(({ name, verdict, certificates, patch }) => ({
        name,
        verdict,
        certificates: Array.isArray(certificates) ? certificates.length : 0,
        patch,
      })),
      [{ name: 'shop', verdict: 'managed', certificates: 2, patch: [] }],
    )
  })

  test('status --watch prints a block for each change, and ends at Ctrl-C', async () => {
    const watching = spawnTlsauto(stack, ['status', '--watch', '--no-headers'])
    const exit = new Promise((resolve) => watching.once('exit', resolve))
    const lines = createInterface({ input: watching.stdout })
    const seen: string[] = []
    for await (const line of lines) {
      seen.push(line)
      if (seen.length === 2) {
        await stack.kubectl(['apply', '-f', '-'], { input: plainRoute('new', ['new.example.com']) })
      }
      if (/new\.example\.com +issued/.test(line)) watching.kill('SIGINT')
    }
    assert.equal(await exit, 0)
    assert.match(seen.join('\n'), /new\.example\.com +pending/)
  })

  test('-n looks into another namespace, and -A into all', async () => {
    await stack.kubectl(['create', 'namespace', 'other'])
    const input = plainRoute('elsewhere', ['elsewhere.example.com'], { namespace: 'other' })
    await stack.kubectl(['apply', '-f', '-'], { input })
    assert.equal((await kubectlTlsauto(stack, ['status', 'elsewhere'])).code, 2)
    const there = ['status', 'elsewhere', '-n', 'other', '-o', 'name']
    await until('its Certificate', async () => {
      const { stdout } = await kubectlTlsauto(stack, there)
      const want = 'certificate.cert-manager.io/cert-elsewhere-elsewhere-example-com\n'
      return stdout === want ? true : undefined
    })
    const { stdout } = await kubectlTlsauto(stack, ['status', '-A'])
    const rows = stdout.split('\n').map((row) => row.split(/ {3,}/).slice(0, 3).join(' '))
    assert.equal(rows[0], 'NAMESPACE ROUTE DOMAIN')
    assert.ok(rows.includes('default shop shop.example.com'), stdout)
    assert.ok(rows.includes('other elsewhere elsewhere.example.com'), stdout)
  })

  test('a user without rights gets the reason, and exit code 2', async () => {
    const { code, stderr } = await kubectlTlsauto(
      stack,
      ['status'],
      await stack.userKubeconfig('alice'),
    )
    assert.equal(code, 2)
    assert.match(stderr, /^error: .*forbidden/)
  })
})

/** What is said of lists that this user may not have. */
function notes(lost: Readonly<Record<string, string>>): string {
  return Object.entries(lost)
    .map(
      ([kind, what]) => `note: you are not allowed to list ${kind}, so that ${what} stay unknown\n`,
    )
    .join('')
}
