import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import { once } from 'node:events'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { load } from 'js-yaml'
import { isJsonObject, type JsonObject } from '../../shared/json/json.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { makeServingCertificate } from '../../webhook/serving/certificate.ts'
import { applyIssuer } from '../stack/issuer.ts'
import { startLetsEncrypt } from '../stack/lets-encrypt.ts'
import { lookingAt } from '../stack/looking-at.ts'
import { startNoSuchName } from '../stack/no-such-name.ts'
import { find } from '../stack/objects.ts'
import { until } from '../stack/until.ts'
import { startStack, type Stack } from '../stack/stack.ts'
import { startTlsauto } from '../stack/tlsauto.ts'
import { itemsIn, kubectlTlsauto, plainRoute } from './plugin.ts'

const README = await readFile(join(import.meta.dirname, '..', '..', 'README.md'), 'utf8')
const BLOCKS = [...README.matchAll(/^```\w*\n(.*?)^```$/gms)].map(([, text = '']) => text)

/** What README.md says of a command: the lines that it prints. */
type Shown = { readonly command: string; readonly lines: readonly string[] }

const SHOWN: readonly Shown[] = BLOCKS.flatMap((block) =>
  [...block.matchAll(/^\$ kubectl tlsauto (.*)\n((?:(?!\$ ).*\n)*)/gm)].map(
    ([, command = '', text = '']) => ({ command, lines: lines(text) }),
  ),
)

const CUSTOMER = 'customer.example.net'
/** What Let's Encrypt says, where Pebble has words of its own. */
const NO_NAME = {
  type: 'urn:ietf:params:acme:error:dns',
  status: 400,
  detail: `DNS problem: NXDOMAIN looking up A for ${CUSTOMER}`,
}

/** Where Traefik is reached. */
const TRAEFIK_SERVICE = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {
    name: 'traefik',
    namespace: 'kube-system',
    labels: { 'app.kubernetes.io/name': 'traefik' },
  },
  spec: { ports: [{ port: 80 }], externalIPs: ['203.0.113.7'] },
}

/** As Traefik's chart makes it. */
const TRAEFIK_BINDING = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: { name: 'traefik-kube-system', labels: TRAEFIK_SERVICE.metadata.labels },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'traefik' },
  subjects: [{ kind: 'ServiceAccount', name: 'traefik', namespace: 'kube-system' }],
}

/** What has to be done before a command of README.md shows what it shows there, and what this cluster needs
 * to be told beside: its DNS server and ports are not the usual ones. */
type Scene = {
  readonly prepare?: () => Promise<unknown>
  readonly more?: () => Promise<readonly string[]> | readonly string[]
}

suite('what README.md shows', () => {
  let stack: Stack
  const ending = new AbortController()

  before(async () => {
    stack = await startStack()
    await startTlsauto(stack)
    const none = new Map()
    const challenges = new Map([[CUSTOMER, NO_NAME]])
    const words = { orders: none, challenges, signing: none, accounts: none }
    const server = await startLetsEncrypt(stack, words, ending.signal)
    await applyIssuer(stack, 'letsencrypt-prod', server)
    await stack.acme.dns.servfail(CUSTOMER)
  })

  after(async () => {
    ending.abort()
    await stack.stop()
  })

  const apply = async (...routes: readonly string[]): Promise<void> => {
    for (const input of routes) await stack.kubectl(['apply', '-f', '-'], { input })
  }

  const isSettled = async (): Promise<true | undefined> => {
    const { stdout } = await kubectlTlsauto(stack, ['status', '-o', 'json'])
    return itemsIn(stdout).every(({ tlsStatus }) => tlsStatus !== 'pending') || undefined
  }

  /** A proxy that has a certificate of its own, with what its owner paid for. */
  const startProxy = async (): Promise<number> => {
    const server = createServer(await makeServingCertificate(['shop.example.com']))
    const [port = 0] = await stack.ports(1)
    server.listen(port, '127.0.0.1')
    ending.signal.addEventListener('abort', () => server.close())
    await once(server, 'listening')
    return port
  }

  const scenes: Readonly<Record<string, Scene>> = {
    status: {
      prepare: async () => {
        await apply(plainRoute('shop', ['shop.example.com', CUSTOMER]))
        await until('all to be issued or failed', isSettled, 90_000)
      },
    },
    [`describe ${CUSTOMER}`]: {},
    'recreate --failed -A --wait': {
      prepare: async () => stack.acme.dns.restore(CUSTOMER),
      more: () => lookingAt(stack),
    },
    prune: {
      prepare: async () => {
        await apply(plainRoute('old', ['old.example.com']))
        const { code, stderr } = await kubectlTlsauto(stack, ['wait', 'old', '--timeout=60s'])
        assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
        await stack.kubectl(['delete', 'ingressroute', 'old'])
        const namespace = 'default'
        const name = 'cert-old-old-example-com'
        const target = { resource: RESOURCES.certificates, namespace, name }
        const isGone = async () =>
          (await find(stack.client, target)) === undefined ? true : undefined
        await until('its Certificate to go', isGone, 60_000)
      },
    },
    'prune --yes': {},
    [`doctor ${CUSTOMER}`]: {
      prepare: async () =>
        apply(...[TRAEFIK_BINDING, TRAEFIK_SERVICE].map((one) => JSON.stringify(one))),
      more: async () => [
        `--resolver=${await startNoSuchName(ending.signal)}`,
        `--http-port=${stack.web}`,
        '--timeout=1s',
      ],
    },
    'verify shop.example.com': {
      more: async () => [
        `--resolver=${stack.acme.dnsServer}`,
        `--http-port=${stack.web}`,
        `--address=127.0.0.1:${await startProxy()}`,
      ],
    },
  }

  test('a plain route gets what the second manifest adds', async () => {
    const [before = {}, added = {}] = BLOCKS.flatMap((block) => {
      const value: unknown = /^(apiVersion|metadata):/.test(block) ? load(block) : undefined
      return isJsonObject(value) ? [value] : []
    })
    const manifest: JsonObject = before
    await apply(JSON.stringify(manifest))
    const { stdout } = await stack.kubectl(['get', 'ingressroute', 'blog', '-o', 'json'])
    assert.partialDeepStrictEqual(JSON.parse(stdout), added)
    assert.ok(!JSON.stringify(manifest).includes('secretName'))
  })

  test('every command that it shows is looked at here', () => {
    assert.deepEqual(
      SHOWN.map(({ command }) => command),
      Object.keys(scenes),
    )
  })

  for (const { command, lines: want } of SHOWN) {
    test(`kubectl tlsauto ${command}`, async () => {
      const { prepare, more } = scenes[command] ?? {}
      await prepare?.()
      const args = [...command.split(' '), ...((await more?.()) ?? [])]
      const { stdout, stderr } = await kubectlTlsauto(stack, args)
      assert.match(`${lines(stdout + stderr).join('\n')}\n`, pattern(want))
    })
  }
})

/** Lines without what differs from one cluster to the next: ages, times, serials, generated names, where Traefik
 * is, and how wide columns are for that. */
function lines(text: string): readonly string[] {
  return (
    text
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, 'TIME')
      .replaceAll(/(?<![\w.-])\d+[smhd](?![\w-])/g, 'AGE')
      .replaceAll(/serial [0-9A-F]+/g, 'serial HEX')
      .replaceAll(/(127\.0\.0\.1|203\.0\.113\.7)(:\d+)?/g, 'TRAEFIK')
      .replaceAll(/-\d{6,}/g, '-NUMBER')
      // cert-manager has two words for a challenge that failed.
      .replaceAll('the cause: expired,', 'the cause: invalid,')
      .split('\n')
      .map((line) => line.trimEnd().replaceAll(/(?<=\S) {2,}/g, '  '))
      .filter((line) => line !== '')
  )
}

/** What is left out is told by `…`: a part of a line, or lines. */
function pattern(want: readonly string[]): RegExp {
  const parts = want.map((line) =>
    line === '…' ? '(?:.*\\n)*' : `${line.split('…').map(literal).join('.*')}\\n`,
  )
  return new RegExp(`^${parts.join('')}$`)
}

function literal(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}
