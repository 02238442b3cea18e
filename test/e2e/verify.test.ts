import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { isJsonObject, listAt, type JsonObject } from '../../shared/json/json.ts'
import type { Stack } from '../stack/stack.ts'
import type { Tlsauto } from '../stack/tlsauto.ts'
import { until } from '../stack/until.ts'
import { startWithTlsauto } from '../stack/with-tlsauto.ts'
import { kubectlTlsauto, plainRoute, type PluginResult } from './plugin.ts'

suite('kubectl tlsauto verify on a real cluster', () => {
  let stack: Stack
  let tlsauto: Tlsauto

  before(async () => {
    ;({ stack, tlsauto } = await startWithTlsauto())
    await stack.backends.serve({ namespace: 'default', name: 'whoami', text: 'hello' })
    const input = plainRoute('shop', ['shop.example.com'])
    await stack.kubectl(['apply', '-f', '-'], { input })
    await until('all of it to be as it should', async () => {
      const { code, stdout } = await verify('--ca', stack.acme.rootFile)
      return code === 0 && /answers 302, to https:/.test(stdout) ? true : undefined
    })
  })

  after(async () => {
    await tlsauto?.stop()
    await stack?.stop()
  })

  const verify = async (...args: readonly string[]): Promise<PluginResult> =>
    kubectlTlsauto(stack, [
      'verify',
      'shop.example.com',
      `--address=127.0.0.1:${stack.websecure}`,
      `--http-port=${stack.web}`,
      `--resolver=${stack.acme.dnsServer}`,
      ...args,
    ])

  const asked = async (address: string): Promise<unknown> => {
    const dns = ['--dns', `--resolver=${stack.acme.dnsServer}`, `--address=${address}`]
    const { stdout } = await kubectlTlsauto(stack, ['status', '-o', 'json', ...dns])
    const value: unknown = JSON.parse(stdout)
    const items = isJsonObject(value) ? listAt(value, 'items').filter(isJsonObject) : []
    return items.map(({ domain, dnsConfigured }) => [domain, dnsConfigured])
  }

  test('with nobody to say where Traefik is it could not look', async () => {
    const { code, stdout } = await kubectlTlsauto(stack, [
      'verify',
      'shop.example.com',
      '--resolver=127.0.0.1:1',
      '--timeout=1s',
    ])
    assert.equal(code, 2)
    assert.match(stdout, /^\?\s+tls\s+nobody tells where Traefik is; try --address HOST\[:PORT\]$/m)
  })

  test('what is served is what was issued, line by line', async () => {
    const { stdout } = await verify('--ca', stack.acme.rootFile)
    const serial = /serial ([0-9A-F]+)/.exec(stdout)?.[1] ?? ''
    const end = /until (\S+Z)/.exec(stdout)?.[1] ?? ''
    const at = `127.0.0.1:${stack.websecure}`
    assert.deepEqual(stdout.replace(/issued by .*/, 'issued by …').split('\n'), [
      'ok     dns     shop.example.com is 127.0.0.1: Traefik',
      `ok     issued  cert-shop-shop-example-com: serial ${serial}, until ${end}`,
      `ok     tls     ${at} answers`,
      'ok     names   it is for shop.example.com',
      `ok     serial  serial ${serial}, until ${end}: what was issued`,
      'ok     expiry  89 days are left',
      'ok     chain   trusted; issued by …',
      'ok     http    plain HTTP answers 302, to https://shop.example.com/',
      '',
    ])
  })

  test('the environment stands in for the flags', async () => {
    const variables = {
      TLSAUTO_ADDRESS: `127.0.0.1:${stack.websecure}`,
      TLSAUTO_HTTP_PORT: String(stack.web),
      TLSAUTO_RESOLVER: stack.acme.dnsServer,
      TLSAUTO_CA: stack.acme.rootFile,
    }
    const args = ['verify', 'shop.example.com']
    const answer = await kubectlTlsauto(stack, args, stack.kubeconfig, variables)
    assert.deepEqual(answer, await verify('--ca', stack.acme.rootFile))
    assert.equal(answer.code, 0)
  })

  test('a CA that this machine does not know is said, with exit code 1', async () => {
    const answer = await verify('-o', 'json')
    assert.equal(answer.code, 1)
    assert.deepEqual(wrongs(answer), [
      ['chain', 'wrong', 'no CA that is trusted here stands behind it'],
    ])
  })

  test('DNS that fails, that leads elsewhere, and nobody at the address', async () => {
    const ca = ['--ca', stack.acme.rootFile, '-o', 'json']
    await stack.acme.dns.servfail('shop.example.com')
    assert.deepEqual(wrongs(await verify(...ca)), [
      ['dns', 'wrong', 'the DNS servers of shop.example.com fail'],
    ])
    await stack.acme.dns.restore('shop.example.com')
    await stack.acme.dns.set('shop.example.com', ['127.0.0.2'])
    assert.deepEqual(wrongs(await verify(...ca)), [
      ['dns', 'wrong', 'shop.example.com leads elsewhere'],
    ])
    await stack.acme.dns.restore('shop.example.com')
    const [port = 0] = await stack.ports(1)
    assert.deepEqual(wrongs(await verify(...ca, `--address=127.0.0.1:${port}`)), [
      ['tls', 'wrong', `127.0.0.1:${port} does not speak TLS with us`],
    ])
  })

  test('status --dns says whether a domain leads to Traefik', async () => {
    assert.deepEqual(await asked('127.0.0.1'), [['shop.example.com', true]])
    assert.deepEqual(await asked('127.0.0.2'), [['shop.example.com', false]])
  })

  test('a Secret that is gone: Traefik serves its default certificate', async () => {
    stack.certManager.kill('SIGSTOP')
    try {
      await stack.kubectl(['delete', 'secret', 'tls-shop-shop-example-com'])
      const at = `127.0.0.1:${stack.websecure}`
      await until("Traefik's default certificate", async () => {
        const [first] = wrongs(await verify('--ca', stack.acme.rootFile, '-o', 'json'))
        return first?.[2] === `${at} serves Traefik's default certificate` ? true : undefined
      })
    } finally {
      stack.certManager.kill('SIGCONT')
    }
  })

  test('a domain that no route has is exit code 2, with what to try', async () => {
    assert.deepEqual(await kubectlTlsauto(stack, ['verify', 'nope.example.com']), {
      code: 2,
      stdout: '',
      stderr: 'error: no route here has the domain nope.example.com; try -A, or -n NAMESPACE\n',
    })
  })
})

/** The checks that are not fine, each with what shows it. */
function wrongs({ stdout }: PluginResult): readonly (readonly unknown[])[] {
  const value: unknown = JSON.parse(stdout)
  const checks = isJsonObject(value) ? listAt(value, 'checks').filter(isJsonObject) : []
  return checks
    .filter(({ result }) => result !== 'fine')
    .map(({ check, result, what }: JsonObject) => [check, result, what])
}
