import { objectAt, objectsAt, textAt, type JsonObject } from '../../../shared/json/json.ts'
import { INSTALLATION } from '../../../shared/kube/installation.ts'
import type { Lookup } from '../../../shared/kube/kube-client.ts'
import { countAt, integerIn } from '../../../shared/json/number.ts'
import { parseTime, rfc3339, timeAt } from '../../../shared/json/time.ts'
import { readCertificate } from '../../probe/certificate-facts.ts'
import { fine, unknown, wrong, type Check, type Outcome } from '../../probe/check.ts'
import { ENTRY_POINT_CHECKS, type EntryPointFacts } from '../entry-point-checks.ts'
import { INSTALLED_CHECKS, isConfiguration, type InstalledFacts } from './installed-checks.ts'
import type { ServerFlags } from '../../gather/server/server-flags.ts'
import { placeWords, type ServerPlace } from '../../gather/server/server-place.ts'
import { workloads, type Workload } from '../../gather/workload.ts'

/** What came of a route sent as a dry run. */
export type DryRun =
  | { readonly kind: 'completed' }
  | { readonly kind: 'untouched' }
  | { readonly kind: 'refused'; readonly message: string }
  /** Not tried: routes of the namespace are left as they are, or may not be made. */
  | { readonly kind: 'none'; readonly why: string }

/** How tlsauto, cert-manager and Traefik are installed. */
export type ServerFacts = EntryPointFacts &
  InstalledFacts &
  ServerFlags & {
    readonly place: ServerPlace
    readonly deployment: Lookup
    readonly lease: Lookup
    readonly dryRun: DryRun
    /** What tlsauto's ServiceAccount may not do and must; undefined: not yours to ask. */
    readonly missingRights: readonly string[] | undefined
    /** Whether the cluster has the kind DomainClaim. */
    readonly knowsClaims: boolean
    readonly certManager: readonly Workload[]
    /** Namespaces whose objects have the label of Traefik and were not used. */
    readonly doubted: readonly string[]
    readonly now: Date
  }

/** What must be so before tlsauto does anything, in causal order. */
export const SERVER_CHECKS: readonly Check<ServerFacts>[] = [
  { name: 'versions', look: areNewEnough },
  { name: 'tlsauto', look: isInstalled },
  { name: 'flags', look: hasUsableFlags },
  { name: 'rights', look: hasItsRights },
  { name: 'claims', look: hasClaims },
  { name: 'lease', look: isRunning },
  { name: 'webhook', look: isConfigured },
  ...INSTALLED_CHECKS,
  { name: 'admission', look: completesRoutes }, // CA bundle, serving certificate and network at once
  ...ENTRY_POINT_CHECKS,
]

/** The oldest that work: cert-manager 1.18 (its solver's exact paths), Traefik 3. */
const OLDEST = { 'cert-manager': [1, 18], Traefik: [3, 0] } as const

function areNewEnough({ certManager, traefik, deployment }: ServerFacts): Outcome | undefined {
  const parts = [
    ['cert-manager', certManager],
    ['Traefik', traefik],
  ] as const
  for (const [name, workloads] of parts) {
    const [major, minor] = OLDEST[name]
    const old = workloads.find(({ image }) => isOlder(image, major, minor))
    if (old === undefined) continue
    return wrong(
      `${name} is too old`,
      `it is ${old.image}`,
      `upgrade it to ${major}.${minor} or newer`,
    )
  }
  const images = [...certManager, ...traefik, ...workloadOf(deployment)].map(({ image }) => image)
  if (certManager.length + traefik.length > 0) return fine(images.join(', '))
  return unknown('no Deployment of cert-manager or Traefik with its usual labels is to be seen')
}

function isOlder(image: string, major: number, minor: number): boolean {
  const [, own, ownMinor] = /:v?(\d+)\.(\d+)/.exec(image) ?? []
  if (own === undefined || ownMinor === undefined) return false
  return partOf(own) < major || (partOf(own) === major && partOf(ownMinor) < minor)
}

function partOf(digits: string): number {
  return integerIn(digits, VERSIONS) ?? Infinity
}

const VERSIONS = { least: 0, most: 2 ** 31 }

function workloadOf(deployment: Lookup): readonly Workload[] {
  return deployment.kind === 'found' ? workloads(deployment.object) : []
}

const APPLY =
  'kubectl apply -f deploy/tlsauto.yaml, or deploy/tlsauto-k3s.yaml for k3s and Traefik’s Helm chart,'

function isInstalled({ deployment, place }: ServerFacts): Outcome {
  if (deployment.kind === 'found') return fine(`installed in namespace ${place.namespace}`)
  if (deployment.kind === 'forbidden') return unknown('you are not allowed to read its Deployment')
  return wrong(
    'tlsauto is not installed',
    `no Deployment ${INSTALLATION.deployment} in ${placeWords(place)}`,
    APPLY,
  )
}

/** A Deployment that is not to be read is told of already. */
function hasUsableFlags({ deployment, place, mistakes, unseen }: ServerFacts): Outcome | undefined {
  if (mistakes !== undefined) {
    return wrong(
      "tlsauto can't start with its flags",
      mistakes,
      `correct them in Deployment ${INSTALLATION.deployment} of namespace ${place.namespace}`,
    )
  }
  if (unseen.size === 0 || deployment.kind !== 'found') return undefined
  const flags = [...unseen.keys()].map((flag) => `--${flag}`)
  const places = [...new Set(unseen.values())]
  return unknown(`${places.join(', ')} may set ${flags.join(', ')}, and is not read here`)
}

function hasItsRights({ missingRights }: ServerFacts): Outcome {
  if (missingRights === undefined) return unknown("you are not allowed to ask for another's rights")
  if (missingRights.length === 0) return fine('its ServiceAccount may do what it must')
  return wrong(
    'its ServiceAccount lacks rights',
    `it may not ${missingRights.join(', ')}`,
    `${APPLY} brings its roles back`,
  )
}

/** Said only where it is missing: after an upgrade of the server alone. */
function hasClaims({ knowsClaims }: ServerFacts): Outcome | undefined {
  if (knowsClaims) return undefined
  return wrong(
    'DomainClaims can’t be listed',
    'the cluster has no kind DomainClaim, and until it has, tlsauto makes no certificate',
    `${APPLY} of this version adds it`,
  )
}

/** Three times what a leader is believed without a sign. */
const PATIENCE = 3

function isRunning({ lease, place, now }: ServerFacts): Outcome {
  if (lease.kind === 'forbidden') return unknown('you are not allowed to read its Lease')
  const check = `kubectl get pods -n ${place.namespace}, and their logs`
  if (lease.kind === 'missing') {
    return wrong(
      'tlsauto has never run',
      `no Lease ${INSTALLATION.lease} in ${placeWords(place)}`,
      check,
    )
  }
  const spec = objectAt(lease.object, 'spec')
  const renewed = timeAt(spec, 'renewTime')
  const holder = textAt(spec, 'holderIdentity') ?? ''
  const limit = (countAt(spec, 'leaseDurationSeconds') || 15) * PATIENCE * 1000
  const isFresh = renewed !== undefined && now.getTime() - renewed <= limit
  if (holder !== '' && isFresh) return fine(`${holder} holds the Lease`)
  const evidence = `its Lease was renewed last at ${renewed === undefined ? '(never)' : rfc3339(renewed)}${holder === '' ? ', and nobody holds it' : ` by ${holder}`}`
  return wrong('tlsauto does not run', evidence, check)
}

function isConfigured({ installed, now }: ServerFacts): Outcome {
  const webhooks = installed.filter(isConfiguration).map(({ live }) => live)
  if (webhooks.some(({ kind }) => kind === 'forbidden')) {
    return unknown('you are not allowed to read its webhook configurations')
  }
  if (webhooks.some(({ kind }) => kind === 'missing')) {
    return wrong(
      'a webhook configuration is missing',
      'MutatingWebhookConfiguration tlsauto, ValidatingWebhookConfiguration tlsauto or tlsauto-hosts is not there',
      APPLY,
    )
  }
  const bundles = webhooks.flatMap((lookup) => (lookup.kind === 'found' ? caBundles(lookup) : []))
  const again = 'tlsauto writes it itself while it runs: see the lines above, and its log'
  if (bundles.includes('')) {
    return wrong('a webhook has no CA bundle', 'clientConfig.caBundle is empty', again)
  }
  const ended = bundles.map(lastEnd).find((end) => hasPassed(end, now))
  if (ended !== undefined) {
    return wrong('the CA of a webhook has expired', `caBundle ends on ${ended}`, again)
  }
  return fine(`${bundles.length} webhooks, each with a CA bundle`)
}

function caBundles({ object }: { readonly object: JsonObject }): readonly string[] {
  return objectsAt(
    object,
    'webhooks',
    (one) => textAt(objectAt(one, 'clientConfig'), 'caBundle') ?? '',
  )
}

/** When the last CA of a bundle ends. */
function lastEnd(bundle: string): string {
  const pem = Buffer.from(bundle, 'base64').toString()
  const blocks = pem.split(/(?=-----BEGIN CERTIFICATE-----)/).filter((one) => one.includes('BEGIN'))
  const ends = blocks.flatMap((block) => readCertificate(block)?.notAfter ?? [])
  return ends.sort().at(-1) ?? ''
}

function hasPassed(text: string, now: Date): boolean {
  const time = parseTime(text)
  return time !== undefined && time <= now.getTime()
}

function completesRoutes({ dryRun }: ServerFacts): Outcome {
  switch (dryRun.kind) {
    case 'completed':
      return fine('a route sent as a dry run comes back with its Secret')
    case 'untouched':
      return wrong(
        'the API server does not reach tlsauto',
        'a route sent as a dry run comes back without a Secret',
        'is its Service reached from the API server (network policies, firewall), does its log speak of TLS?',
      )
    case 'refused':
      return wrong(
        'a plain route is refused',
        dryRun.message,
        'is it this webhook, or another one?',
      )
    case 'none':
      return unknown(dryRun.why)
    default:
      return dryRun satisfies never
  }
}
