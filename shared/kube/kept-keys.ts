import { NOTHING } from '../json/json.ts'
import { LONGEST } from '../json/text-limits.ts'

/** The annotations that tlsauto reads, of whatever object. All others, up to 256 KiB an object, are not
 * kept: what a tenant writes there must not fill the server's memory. `test/unit/shared/kept-keys.test.ts`
 * compares this with the keys that the sources name. */
const ANNOTATIONS: ReadonlySet<string> = new Set([
  'acme.cert-manager.io/http01-ingress-class',
  'acme.cert-manager.io/http01-ingress-ingressclassname',
  'acme.cert-manager.io/http01-override-ingress-class',
  'acme.cert-manager.io/http01-override-ingress-ingressclassname',
  'cert-manager.io/alt-names',
  'cert-manager.io/certificate-name',
  'cert-manager.io/certificate-revision',
  'cert-manager.io/cluster-issuer',
  'cert-manager.io/common-name',
  'cert-manager.io/duration',
  'cert-manager.io/email-sans',
  'cert-manager.io/ip-sans',
  'cert-manager.io/issuer',
  'cert-manager.io/issuer-group',
  'cert-manager.io/issuer-kind',
  'cert-manager.io/private-key-algorithm',
  'cert-manager.io/private-key-encoding',
  'cert-manager.io/private-key-rotation-policy',
  'cert-manager.io/private-key-size',
  'cert-manager.io/renew-before',
  'cert-manager.io/renew-before-percentage',
  'cert-manager.io/revision-history-limit',
  'cert-manager.io/secret-template',
  'cert-manager.io/subject-countries',
  'cert-manager.io/subject-localities',
  'cert-manager.io/subject-organizationalunits',
  'cert-manager.io/subject-organizations',
  'cert-manager.io/subject-postalcodes',
  'cert-manager.io/subject-provinces',
  'cert-manager.io/subject-serialnumber',
  'cert-manager.io/subject-streetaddresses',
  'cert-manager.io/usages',
  'kubernetes.io/ingress.class',
  'tlsauto.dev/adopt',
  'tlsauto.dev/allowed-domains',
  'tlsauto.dev/allowed-issuers',
  'tlsauto.dev/alt-names',
  'tlsauto.dev/app',
  'tlsauto.dev/attach',
  'tlsauto.dev/enabled',
  'tlsauto.dev/holds',
  'tlsauto.dev/http',
  'tlsauto.dev/redirects',
  'tlsauto.dev/secret',
])

/** The labels that tlsauto reads. */
const LABELS: ReadonlySet<string> = new Set([
  'app.kubernetes.io/managed-by',
  'app.kubernetes.io/name',
  'app.kubernetes.io/version',
  'tlsauto.dev/attach',
  'tlsauto.dev/enabled',
])

/** Lists that grow with a namespace or a route, and not with what somebody writes into an annotation. */
const WHOLE: ReadonlySet<string> = new Set([
  'tlsauto.dev/allowed-domains',
  'tlsauto.dev/allowed-issuers',
  'tlsauto.dev/holds',
  'tlsauto.dev/redirects',
])

/** The annotations with lists of names, or JSON. */
const LIST = /^cert-manager\.io\/(?:alt-names|ip-sans|email-sans|secret-template|subject-[a-z]+)$/

/** As long as it is read at least. Of a longer one the beginning is kept, which is too long as well: a list that is
 * cut sooner would end in another name. */
function longestKept(key: string): number {
  return LIST.test(key) ? LONGEST.list : 4 * LONGEST.value
}

type Texts = Readonly<Record<string, string>>

/** The annotations of an object that tlsauto reads. */
export function keptAnnotations(all: Texts): Texts {
  return kept(all, ANNOTATIONS)
}

/** The labels of an object that tlsauto reads. */
export function keptLabels(all: Texts): Texts {
  return kept(all, LABELS)
}

/** The same object where nothing is left out: of ten thousand objects most have few annotations. */
function kept(all: Texts, keys: ReadonlySet<string>): Texts {
  const entries = Object.entries(all)
  if (entries.every(([key, value]) => keys.has(key) && !isCut(key, value))) return all
  const read = entries.filter(([key]) => keys.has(key))
  if (read.length === 0) return NOTHING
  return Object.fromEntries(
    read.map(([key, value]) => [key, isCut(key, value) ? beginningOf(key, value) : value]),
  )
}

function isCut(key: string, value: string): boolean {
  return value.length > longestKept(key) + 1 && !WHOLE.has(key)
}

/** A copy: a part of a text keeps all of it in memory. */
function beginningOf(key: string, value: string): string {
  return Buffer.from(value.slice(0, longestKept(key) + 1)).toString()
}
