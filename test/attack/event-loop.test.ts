import assert from 'node:assert/strict'
import { after, before, suite, test, type TestContext } from 'node:test'
import { objectAt, textAt, type JsonObject } from '../../shared/json/json.ts'
import { listAll, type KubeClient } from '../../shared/kube/kube-client.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { busyTime, startHealthAsker, type Answer, type Answers } from '../stack/health-asker.ts'
import { makeNamespace, stored } from '../stack/objects.ts'
import { createRouteEditors } from '../stack/route-editors.ts'
import { routeManifest } from '../stack/route-manifest.ts'
import { startStack, type Stack } from '../stack/stack.ts'
import { startTlsauto, type Tlsauto } from '../stack/tlsauto.ts'
import { until } from '../stack/until.ts'

/** Of the issue: 10,000 in one namespace, and 1,000 on one host. They take minutes to store. */
const MANY = Number(process.env['TLSAUTO_LOOP_ROUTES'] ?? 300)
const SHARED = Number(process.env['TLSAUTO_LOOP_SHARED'] ?? 300)
const HOSTS = 3000

const LONGEST_ANSWER_MS = 100

/** What no parser may take long for: see the annotations' own parsers. */
const LONG_TEXTS: Readonly<Record<string, string>> = {
  duration: `${'1'.repeat(64_000)}x`,
  'renew-before': `${'1'.repeat(200_000)}x`,
  usages: `${'server auth,'.repeat(16_000)}x`,
  'subject-organizations': `${'"a",'.repeat(50_000)}"`,
  'ip-sans': '1.'.repeat(100_000),
  'alt-names': 'a.b,'.repeat(50_000),
}

// Bob may edit routes, and nothing else. He wants the server to do nothing but read them: no review answered, no
// liveness, no Lease, and none of it again after the restart.
suite('a tenant who wants the server to read without end', () => {
  let stack: Stack
  let tlsauto: Tlsauto
  let bob: KubeClient

  before(async () => {
    stack = await startStack()
    ;({ bob } = await createRouteEditors(stack))
    await Promise.all(['slow', 'victim'].map(async (name) => makeNamespace(stack, name)))
    tlsauto = await startTlsauto(stack)
    // Thousands of Certificates and routers are not what is measured here.
    for (const part of [stack.certManager, stack.traefik]) part.kill('SIGSTOP')
    // A program that has just begun takes three times as long for the same.
    for (const at of [1, 2, 3]) await isServing(`warm-${at}`)
    await until('the rights to be in force', async () =>
      bob.list({ resource: RESOURCES.ingressRoutes, namespace: 'default' }),
    )
  })

  after(async () => {
    for (const part of [stack.certManager, stack.traefik]) part.kill('SIGCONT')
    await stack.stop()
  })

  const create = async (name: string, more: Partial<Parameters<typeof routeManifest>[0]> = {}) => {
    const rules = [`Host(\`${name}.slow.example.com\`)`]
    return bob.create(
      RESOURCES.ingressRoutes,
      routeManifest({ namespace: 'slow', name, rules, ...WITH_TLS, ...more }),
    )
  }

  /** Eight at a time. */
  const createMany = async (names: readonly string[], rules?: readonly string[]): Promise<void> => {
    const left = [...names]
    const worker = async (): Promise<void> => {
      for (let name = left.pop(); name !== undefined; name = left.pop()) {
        await create(name, rules === undefined ? {} : { rules })
      }
    }
    await Promise.all(Array.from({ length: 8 }, worker))
  }

  /** Another tenant's route gets its Certificate: what came before was looked at, or waits its turn. */
  const isServing = async (name: string): Promise<void> => {
    const rules = [`Host(\`${name}.victim.example.com\`)`]
    await stack.client.create(
      RESOURCES.ingressRoutes,
      routeManifest({ namespace: 'victim', name, rules, ...WITH_TLS }),
    )
    await until(
      `the Certificate of ${name}`,
      async () => {
        const at = { resource: RESOURCES.certificates, namespace: 'victim' }
        const { items } = await listAll(stack.client, at)
        return items.some((one) => JSON.stringify(one).includes(`"${name}.victim.example.com"`))
          ? true
          : undefined
      },
      60_000,
    )
  }

  const lease = async (): Promise<JsonObject> => {
    const at = { resource: RESOURCES.leases, namespace: 'tlsauto', name: 'tlsauto' }
    return objectAt(await stored(stack.client, at), 'spec')
  }

  /** Has `/healthz` be asked all the while. */
  const measured = async (t: TestContext, act: () => Promise<void>): Promise<void> => {
    const asker = await startHealthAsker(`${tlsauto.url}/healthz`, tlsauto.pid())
    try {
      await act()
    } finally {
      const answers = await asker.stop()
      t.diagnostic(wording(answers))
      assert.equal(answers.failed, 0)
      assert.ok(longest(answers, 'busy') < LONGEST_ANSWER_MS, wording(answers))
    }
  }

  const attacks: Readonly<Record<string, () => Promise<unknown>>> = {
    'one route with 3,000 hosts': async () =>
      create('hosts', { rules: [hosts(HOSTS).join(' || ')] }),
    'one route with 3,000 hosts that speaks HTTP, too': async () =>
      create('both', {
        rules: [
          hosts(HOSTS)
            .map((host) => host.replace('`h', '`w'))
            .join(' || '),
        ],
        spec: { entryPoints: ['web', 'websecure'] },
      }),
    'routes that are too long': async () => {
      for (const [name, more] of Object.entries(TOO_LONG)) {
        await assert.rejects(create(name, more), /too long for its hosts to be checked/)
      }
    },
    'many routes on one host': async () =>
      createMany(
        Array.from({ length: SHARED }, (_, at) => `same-${at}`),
        ['Host(`same.slow.example.com`)'],
      ),
    'many routes in one namespace': async () =>
      createMany(Array.from({ length: MANY }, (_, at) => `many-${at}`)),
    'and its namespace changes': async () =>
      stack.kubectl(['annotate', 'namespace', 'slow', 'tlsauto.dev/allowed-domains=*.example.com']),
    'and changes back': async () =>
      stack.kubectl(['annotate', 'namespace', 'slow', 'tlsauto.dev/allowed-domains-']),
  }

  for (const [at, [name, attack]] of Object.entries(attacks).entries()) {
    test(`${name}: liveness is answered within 100 ms, and another tenant served`, async (t) => {
      const before = await lease()
      await measured(t, async () => {
        await attack()
        await isServing(`after-${at}`)
      })
      assert.equal((await lease())['leaseTransitions'], before['leaseTransitions'])
    })
  }

  test('with all of it stored, and more that came without the webhook, a server starts', async (t) => {
    await tlsauto.stop()
    for (const [name, more] of Object.entries(TOO_LONG)) await create(name, more)
    for (const [key, text] of Object.entries(LONG_TEXTS)) {
      await create(`text-${key}`, { annotations: { [`cert-manager.io/${key}`]: text } })
    }
    const began = Date.now()
    await tlsauto.start()
    const busy = busyTime(tlsauto.pid())
    t.diagnostic(`ready after ${Date.now() - began} ms, ${busy.toFixed(0)} ms of work`)
    assert.ok(busy < 10_000)
    await measured(t, async () => isServing('after-restart'))
    const holder = textAt(await lease(), 'holderIdentity')
    assert.match(holder ?? '', /^tlsauto-/)
  })
})

const WITH_TLS = { spec: { entryPoints: ['websecure'] } }

function hosts(count: number): readonly string[] {
  return Array.from({ length: count }, (_, at) => `Host(\`h${at}.customers.org\`)`)
}

const TOO_LONG: Readonly<Record<string, Partial<Parameters<typeof routeManifest>[0]>>> = {
  'one-rule': { rules: [hosts(30_000).join(' || ')] },
  rules: { rules: hosts(5000) },
  domains: {
    spec: { tls: { domains: hosts(20_000).map((_, at) => ({ main: `d${at}.example.com` })) } },
  },
}

function longest({ answers }: Answers, what: keyof Answer): number {
  return Math.max(0, ...answers.map((one) => one[what]))
}

function wording({ answers, failed }: Answers): string {
  const [busy, took] = [longest({ answers, failed }, 'busy'), longest({ answers, failed }, 'took')]
  return `${answers.length} answers of /healthz, ${failed} failed; the server was busy for ${busy.toFixed(0)} ms before the slowest one, which took ${took.toFixed(0)} ms`
}
