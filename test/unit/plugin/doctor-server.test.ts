import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checksWithTodo, complaintsOf } from '../../fixtures/complaints.ts'
import { clusterSettings, defaultTexts } from '../../../shared/settings/flags.ts'
import { isJsonObject, listAt, objectAt, type JsonObject } from '../../../shared/json/json.ts'
import { runChecks } from '../../../plugin/probe/check.ts'
import {
  SERVER_CHECKS,
  type ServerFacts,
} from '../../../plugin/doctor/installation/server-checks.ts'
import { isConfiguration } from '../../../plugin/doctor/installation/installed-checks.ts'
import { makeServingCertificate } from '../../../webhook/serving/certificate.ts'
import {
  FORBIDDEN,
  found,
  installed,
  MISSING,
  serverFactsOf,
  withBundle,
  workload,
} from '../../fixtures/doctor-facts.ts'

const { ca } = await makeServingCertificate(['127.0.0.1'])
const bundle = Buffer.from(ca).toString('base64')

function settings(changes: Partial<ReturnType<typeof defaultTexts>>): ServerFacts['settings'] {
  return clusterSettings({ ...defaultTexts(), attach: 'inject', ...changes })
}

function traefik(...args: readonly string[]): ServerFacts['traefik'] {
  return [workload('traefik:v3.7.0', { args })]
}

/** With changes in its text. */
function edited(object: JsonObject, edit: (text: string) => string): JsonObject {
  const value: unknown = JSON.parse(edit(JSON.stringify(object)))
  return isJsonObject(value) ? value : {}
}

/** Its webhooks at a URL; `allowed` is what an administrator has written on it. */
function atUrl(object: JsonObject, allowed?: string): JsonObject {
  const clientConfig = { caBundle: bundle, url: 'https://tlsauto.example.com/mutate' }
  const webhooks = listAt(object, 'webhooks').filter(isJsonObject)
  const annotations = allowed === undefined ? {} : { 'tlsauto.dev/webhook-url': allowed }
  return webhooks.length === 0
    ? object
    : {
        ...object,
        metadata: { ...objectAt(object, 'metadata'), annotations },
        webhooks: webhooks.map((one) => ({ ...one, clientConfig })),
      }
}

function lease(spec: object): ServerFacts['lease'] {
  return found({ spec: { leaseDurationSeconds: 15, ...spec } })
}

const POLICIES = installed(() => MISSING)
  .filter((one) => !isConfiguration(one))
  .map(
    ({ shipped }) => `${String(shipped['kind'])} ${String(objectAt(shipped, 'metadata')['name'])}`,
  )
const NOW = new Date('2026-03-01T12:00:00Z')
/** Within the life of the CA, which was made just now. */
const now = new Date()

const rows: readonly (readonly [
  name: string,
  facts: Partial<ServerFacts>,
  want: readonly string[],
])[] = [
  ['all is well', {}, []],
  [
    'an old cert-manager',
    { certManager: [workload('quay.io/jetstack/cert-manager-controller:v1.17.4')] },
    [
      '! versions: cert-manager is too old (it is quay.io/jetstack/cert-manager-controller:v1.17.4)',
    ],
  ],
  [
    'an old Traefik',
    { traefik: [workload('traefik:2.11')] },
    ['! versions: Traefik is too old (it is traefik:2.11)'],
  ],
  ['an image by its digest says no version', { certManager: [workload('cm@sha256:1')] }, []],
  [
    'nothing that has the usual labels',
    { traefik: [], certManager: [] },
    [
      '? versions: no Deployment of cert-manager or Traefik with its usual labels is to be seen',
      "? attach: is http.tls set on websecure in Traefik's static configuration? Then start tlsauto with --attach=carry",
    ],
  ],
  [
    'not installed',
    {
      deployment: MISSING,
      lease: MISSING,
      installed: installed(() => MISSING),
      dryRun: { kind: 'untouched' },
    },
    [
      '! tlsauto: tlsauto is not installed (no Deployment tlsauto in namespace tlsauto)',
      '! lease: tlsauto has never run (no Lease tlsauto in namespace tlsauto)',
      '! webhook: a webhook configuration is missing (MutatingWebhookConfiguration tlsauto, ValidatingWebhookConfiguration tlsauto or tlsauto-hosts is not there)',
      `! policies: a policy that limits what tlsauto may write, or what may be done through it, is missing (${POLICIES.join(', ')})`,
      '! admission: the API server does not reach tlsauto (a route sent as a dry run comes back without a Secret)',
    ],
  ],
  [
    'a user who may see nothing of it',
    {
      deployment: FORBIDDEN,
      lease: FORBIDDEN,
      installed: installed(() => FORBIDDEN),
      missingRights: undefined,
      dryRun: { kind: 'none', why: 'you are not allowed to create routes here' },
    },
    [
      '? tlsauto: you are not allowed to read its Deployment',
      "? rights: you are not allowed to ask for another's rights",
      '? lease: you are not allowed to read its Lease',
      '? webhook: you are not allowed to read its webhook configurations',
      '? policies: you are not allowed to read the policies that guard tlsauto',
      '? admission: you are not allowed to create routes here',
    ],
  ],
  [
    'rights that were taken away',
    { missingRights: ['create certificates', 'create events'] },
    ['! rights: its ServiceAccount lacks rights (it may not create certificates, create events)'],
  ],
  [
    'a cluster that came to this version by the image alone',
    { knowsClaims: false },
    [
      '! claims: DomainClaims can’t be listed (the cluster has no kind DomainClaim, and until it has, tlsauto makes no certificate)',
    ],
  ],
  [
    'a Lease that is 45 s old is fresh',
    { now: NOW, lease: lease({ holderIdentity: 'a', renewTime: '2026-03-01T11:59:15Z' }) },
    [],
  ],
  [
    'a Lease that is older',
    { now: NOW, lease: lease({ holderIdentity: 'a', renewTime: '2026-03-01T11:59:14.999Z' }) },
    ['! lease: tlsauto does not run (its Lease was renewed last at 2026-03-01T11:59:14.999Z by a)'],
  ],
  [
    'a Lease that was given back',
    { now: NOW, lease: lease({ renewTime: '2026-03-01T12:00:00Z' }) },
    [
      '! lease: tlsauto does not run (its Lease was renewed last at 2026-03-01T12:00:00Z, and nobody holds it)',
    ],
  ],
  [
    'a webhook without a CA',
    { installed: installed(found) },
    ['! webhook: a webhook has no CA bundle (clientConfig.caBundle is empty)'],
  ],
  [
    'a webhook with another rule and another Service, and a guard with another list',
    {
      installed: installed((object) =>
        found(
          edited(withBundle(object, bundle), (text) =>
            text
              .replace('"ingressroutes","ingressroutetcps"]', '"ingressroutes","secrets"]')
              .replace('"path":"/mutate"', '"path":"/thief"')
              .replace("'annotations', ", ''),
          ),
        ),
      ),
    },
    [
      '! config: a webhook configuration is not what this version ships (MutatingWebhookConfiguration tlsauto: webhooks[0].clientConfig.service.path, webhooks[0].rules[0].resources[1]; ValidatingWebhookConfiguration tlsauto: webhooks[0].rules[0].resources[1]; ValidatingWebhookConfiguration tlsauto-hosts: webhooks[0].rules[0].resources[1])',
      '! policies: a policy is not what this version ships (ValidatingAdmissionPolicy tlsauto-guard-routes: spec.matchConstraints.resourceRules[0].resources[1], spec.validations[7].expression)',
    ],
  ],
  [
    'a webhook at a URL that nobody allowed',
    { installed: installed((object) => found(atUrl(object))) },
    [
      '! config: a webhook configuration is not what this version ships (MutatingWebhookConfiguration tlsauto: webhooks[0].clientConfig.service, webhooks[0].clientConfig.url; ValidatingWebhookConfiguration tlsauto: webhooks[0].clientConfig.service, webhooks[0].clientConfig.url; ValidatingWebhookConfiguration tlsauto-hosts: webhooks[0].clientConfig.service, webhooks[0].clientConfig.url)',
    ],
  ],
  [
    'a webhook at a URL that an administrator has allowed',
    { installed: installed((object) => found(atUrl(object, 'https://tlsauto.example.com'))) },
    [],
  ],
  [
    'what the API server fills in, and a failure policy that is the operator’s',
    {
      installed: installed((object) =>
        found(
          edited(withBundle(object, bundle), (text) =>
            text
              .replace(/("name":"hosts.*)"Ignore"/, '$1"Fail"')
              .replaceAll('"path":', '"port":443,"path":')
              .replaceAll('"timeoutSeconds":', '"objectSelector":{},"timeoutSeconds":')
              .replaceAll('"resourceRules":', '"matchPolicy":"Equivalent","resourceRules":'),
          ),
        ),
      ),
    },
    [],
  ],
  [
    'a plain route that somebody refuses',
    {
      dryRun: { kind: 'refused', message: 'admission webhook "policy.example" denied the request' },
    },
    [
      '! admission: a plain route is refused (admission webhook "policy.example" denied the request)',
    ],
  ],
  [
    'an entry point that terminates TLS by itself',
    { traefik: traefik('--entryPoints.websecure.http.tls=true') },
    [
      '! attach: the HTTPS entry point terminates TLS by itself, and tlsauto injects (Traefik has http.tls on websecure; tlsauto has --attach=inject)',
    ],
  ],
  [
    'one that does not, though told to',
    { traefik: traefik('--entryPoints.websecure.http.tls=false', '--entrypoints.web.http.tls') },
    [],
  ],
  [
    'routes left as they are, and nobody who ends TLS',
    { settings: settings({ attach: 'carry' }) },
    [
      "! attach: nobody ends TLS for routes that tlsauto leaves as they are (Traefik's arguments set no http.tls on websecure; tlsauto has --attach=carry)",
    ],
  ],
  [
    'routes left as they are, where the entry point ends TLS',
    {
      settings: settings({ attach: 'carry' }),
      traefik: traefik('--entrypoints.websecure.http.tls.options=mtls@file'),
    },
    [],
  ],
  [
    'flags that the server refuses',
    { mistakes: '--attach both is none of inject, carry' },
    ["! flags: tlsauto can't start with its flags (--attach both is none of inject, carry)"],
  ],
  [
    'flags that a Secret may set',
    {
      settings: settings({ attach: 'carry' }),
      unseen: new Map([['attach', 'Secret tlsauto-env']]),
      traefik: traefik('--entrypoints.websecure.http.tls.options=mtls@file'),
    },
    [
      '? flags: Secret tlsauto-env may set --attach, and is not read here',
      "? attach: whether tlsauto's --attach fits Traefik's entry points: ask Secret tlsauto-env",
    ],
  ],
  [
    'TLS options that a Secret may keep',
    {
      unseen: new Map([['default-tls-options', 'Secret tlsauto-env']]),
      traefik: traefik('--entrypoints.web.http.tls', '--entrypoints.websecure.http.tls.options=a'),
    },
    [
      '? flags: Secret tlsauto-env may set --default-tls-options, and is not read here',
      '! attach: the HTTPS entry point terminates TLS by itself, and tlsauto injects (Traefik has http.tls on websecure; tlsauto has --attach=inject)',
      '? tls-options: whether tlsauto keeps the TLS options of websecure: ask Secret tlsauto-env',
    ],
  ],
  ...(
    [
      ['an argument names', { args: ['--configFile=/x/t.yaml'] }, '--configFile=/x/t.yaml'],
      ['a volume brings', { mounts: ['/etc/traefik'] }, 'a volume at /etc/traefik'],
      ['a mounted file is', { mounts: ['/app/traefik.yml'] }, 'a volume at /app/traefik.yml'],
      ['variables are', { variables: ['TRAEFIK_API'] }, 'its environment'],
      ['a ConfigMap of variables may be', { variables: ['*'] }, 'its environment'],
    ] as const
  ).map(([name, given, where]): (typeof rows)[number] => [
    `routes left as they are, beside a static configuration that ${name}`,
    { settings: settings({ attach: 'carry' }), traefik: [workload('traefik:v3.7.0', given)] },
    [
      `? attach: is http.tls set on websecure in Traefik's static configuration (${where})? If not, start tlsauto with --attach=inject`,
    ],
  ]),
  [
    'no TLS on the entry point, said in so many words',
    {
      traefik: traefik(
        '--entrypoints.websecure.http.tls=false',
        '--entrypoints.web.http.tls',
        'FALSE',
      ),
    },
    [],
  ],
  [
    'no TLS on the entry point, said in two words',
    { traefik: traefik('--entrypoints.websecure.http.tls', 'false') },
    [],
  ],
  [
    'variables count for nothing beside arguments',
    {
      settings: settings({ attach: 'carry' }),
      traefik: [
        workload('traefik:v3.7.0', { args: ['--api'], variables: ['TRAEFIK_API', 'POD_NAME'] }),
      ],
    },
    [
      "! attach: nobody ends TLS for routes that tlsauto leaves as they are (Traefik's arguments set no http.tls on websecure; tlsauto has --attach=carry)",
    ],
  ],
  [
    'a volume of dynamic configuration says nothing of entry points',
    {
      traefik: [workload('traefik:v3.7.0', { args: ['--api'], mounts: ['/etc/traefik/dynamic'] })],
    },
    [],
  ],
  [
    'TLS options that a route’s own tls drops',
    { traefik: traefik('--entrypoints.websecure.http.tls.options=mtls@file') },
    [
      '! attach: the HTTPS entry point terminates TLS by itself, and tlsauto injects (Traefik has http.tls on websecure; tlsauto has --attach=inject)',
      "! tls-options: a route's own tls drops the TLS options of the entry point (Traefik has http.tls.options on websecure; tlsauto has no --default-tls-options)",
    ],
  ],
]

for (const [name, facts, want] of rows) {
  test(`doctor: ${name}`, () => {
    const fresh = lease({ holderIdentity: 'tlsauto-0', renewTime: now.toISOString() })
    const results = runChecks(SERVER_CHECKS, serverFactsOf(bundle, { now, lease: fresh, ...facts }))
    assert.deepEqual(complaintsOf(results), want)
  })
}

test('doctor: a CA bundle that has expired', () => {
  const later = new Date('2999-01-01T00:00:00Z')
  const fresh = lease({ holderIdentity: 'a', renewTime: later.toISOString() })
  const results = runChecks(SERVER_CHECKS, serverFactsOf(bundle, { now: later, lease: fresh }))
  assert.deepEqual(
    results.filter(({ result }) => result === 'wrong').map(({ what }) => what),
    ['the CA of a webhook has expired'],
  )
})

test('each check of the installation is wrong in some row', () => {
  const names = new Set(
    rows.flatMap(([, facts]) => {
      const results = runChecks(SERVER_CHECKS, serverFactsOf(bundle, { now, ...facts }))
      return checksWithTodo(results)
    }),
  )
  assert.deepEqual([...names].sort(), SERVER_CHECKS.map(({ name }) => name).sort())
})
