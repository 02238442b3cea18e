import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get } from 'node:https'
import { after, afterEach, before, suite, test } from 'node:test'
import { connect } from 'node:tls'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { makeNamespace, stored } from '../stack/objects.ts'
import { routeManifest } from '../stack/route-manifest.ts'
import { applySelfSignedIssuer } from '../stack/self-signed-issuer.ts'
import { startStack, type Stack } from '../stack/stack.ts'
import { startTlsauto, type Tlsauto, type TlsautoOptions } from '../stack/tlsauto.ts'
import { until } from '../stack/until.ts'

const NAMESPACE = 'bank'
/** What Traefik's handshake ends with. */
const REFUSED = 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'

// The HTTPS entry point demands a client certificate. A caller who has none wants in.
suite('a caller without a client certificate, where the entry point demands one', () => {
  let stack: Stack
  let tlsauto: Tlsauto | undefined

  before(async () => {
    stack = await startStack({ entryPointTls: 'mtls' })
    await applySelfSignedIssuer(stack)
    await makeNamespace(stack, NAMESPACE)
    await stack.backends.serve({ namespace: NAMESPACE, name: 'web', text: 'the vault' })
  })

  afterEach(async () => {
    await tlsauto?.stop()
    tlsauto = undefined
  })

  after(async () => {
    await stack.stop()
  })

  const call = async (host: string): Promise<string> =>
    new Promise((resolve) => {
      const at = { host: '127.0.0.1', port: stack.websecure, agent: false }
      get(
        { ...at, servername: host, headers: { host }, rejectUnauthorized: false },
        (answer) => void answer.resume().once('end', () => resolve(String(answer.statusCode))),
      ).on('error', (error) => resolve('code' in error ? String(error.code) : error.message))
    })

  /** The first name of the certificate that is served: it comes before the caller is refused. */
  const servedName = async (host: string): Promise<string | undefined> => {
    const at = { host: '127.0.0.1', port: stack.websecure, servername: host }
    const socket = connect({ ...at, rejectUnauthorized: false }).on('error', () => undefined)
    await once(socket, 'secureConnect')
    const { subjectaltname = '' } = socket.getPeerCertificate()
    socket.destroy()
    return /^DNS:([^,]+)/.exec(subjectaltname)?.[1]
  }

  const apply = async (name: string): Promise<string> => {
    const host = `${name}.bank.example.com`
    const rules = [`Host(\`${host}\`)`]
    await stack.client.create(
      RESOURCES.ingressRoutes,
      routeManifest({ namespace: NAMESPACE, name, rules, spec: { entryPoints: ['websecure'] } }),
    )
    return host
  }

  /** The answer once Traefik serves the host's own certificate, or names the route. */
  const answerOf = async (host: string, want: string): Promise<string> => {
    let seen = ''
    await until(`${want} from ${host}`, async () => {
      seen = await call(host)
      return seen === want || undefined
    }).catch(() => undefined)
    return seen
  }

  const isIssued = async (name: string): Promise<void> => {
    const at = { resource: RESOURCES.certificates, namespace: NAMESPACE }
    const certificate = `cert-${name}-${name}-bank-example-com`
    await until(`${certificate} to be issued`, async () => {
      const found = await stack.client.get({ ...at, name: certificate })
      return (
        (found.kind === 'found' && JSON.stringify(found.object).includes('notAfter')) || undefined
      )
    })
  }

  const withTlsauto = async (name: string, options: TlsautoOptions): Promise<string> => {
    tlsauto = await startTlsauto(stack, options)
    const host = await apply(name)
    await isIssued(name)
    return host
  }

  test('is refused without tlsauto', async () => {
    assert.equal(await answerOf(await apply('before'), REFUSED), REFUSED)
  })

  test('is refused with tlsauto at its defaults, and the route is as it was', async () => {
    const host = await withTlsauto('defaults', { atDefaults: true })
    assert.equal(await answerOf(host, REFUSED), REFUSED)
    const target = { resource: RESOURCES.ingressRoutes, namespace: NAMESPACE, name: 'defaults' }
    assert.doesNotMatch(JSON.stringify((await stored(stack.client, target))['spec']), /tls/)
    // By now a carrier brings the host's certificate, and takes nothing away.
    await until(
      `the certificate of ${host}`,
      async () => (await servedName(host)) === host || undefined,
    )
    assert.equal(await call(host), REFUSED)
  })

  test('is refused where the operator injects, and names the options', async () => {
    const flags = ['--default-tls-options=mtls@file']
    const host = await withTlsauto('options', { flags })
    assert.equal(await answerOf(host, REFUSED), REFUSED)
  })

  test('is let in where the operator injects and names none: so the tests above see it', async () => {
    const host = await withTlsauto('injected', {})
    assert.equal(await answerOf(host, '200'), '200')
  })
})
