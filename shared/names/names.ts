import { createHash } from 'node:crypto'
import type { DnsName } from './dns-name.ts'
import { LONGEST } from '../json/text-limits.ts'
import { trimmedEnd } from '../json/trimmed.ts'

/** What a host's Certificate and Secret are called; both share the stem. */
export type CertificateNames = {
  readonly certificate: string
  readonly secret: string
}

/** What is longer is cut, and ends in a hash. */
export const LONGEST_STEM = 239

/** The names of a host's Certificate and Secret under an app: `cert-{app}-{domain}` and
 * `tls-{app}-{domain}`, dots as dashes, `*` as `wildcard`; a stem above 239 characters is cut and
 * ends in 8 hex digits of its SHA-256, so that both names fit a DNS subdomain (253) and still agree. */
export function certificateNames(app: string, host: DnsName): CertificateNames {
  return namesOf(fit(stemOf(app, host)))
}

/** The names that are left for a host whose plain ones are another host's already: the stem ends in 8
 * hex digits of the SHA-256 of `{app}/{host}`; should those be taken, too, of `{app}/{host}/2`, and so on. */
export function* namesBeside(app: string, host: DnsName): Generator<CertificateNames> {
  const stem = stemOf(app, host)
  yield namesOf(hashed(stem, `${app}/${host}`))
  for (let turn = 2; ; turn += 1) yield namesOf(hashed(stem, `${app}/${host}/${turn}`))
}

function stemOf(app: string, host: DnsName): string {
  return `${app}-${host.replace('*', 'wildcard').replaceAll('.', '-')}`
}

function namesOf(stem: string): CertificateNames {
  return { certificate: `cert-${stem}`, secret: `tls-${stem}` }
}

const NAME = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/

/** Whether a text can be an object's name (RFC 1123 subdomain), as Kubernetes checks most of them. */
export function isObjectName(text: string): boolean {
  return text.length <= LONGEST.name && NAME.test(text)
}

const COMPANION = 'tlsauto-http-'

/** What the companion of a route is called, and the Middleware that redirects in it. */
export function companionName(route: string): string {
  return `${COMPANION}${fit(route)}`
}

/** The route whose companion has this name: `cut` where it is one of those whose names are too long to be
 * told from it; undefined: it is no companion's name. */
export function routeOfCompanion(name: string): { readonly route: string } | 'cut' | undefined {
  if (!name.startsWith(COMPANION)) return undefined
  const route = name.slice(COMPANION.length)
  return route.length > LONGEST_STEM ? 'cut' : { route }
}

/** What the Certificate behind one of our Secret names can be called: by the contract, or like the
 * Secret itself where its user chose the name. */
export function certificatesOfSecret(secret: string): readonly string[] {
  return secret.startsWith('tls-') ? [`cert-${secret.slice('tls-'.length)}`, secret] : [secret]
}

/** Whether a Secret and the Certificate that it was issued for are called as the contract has it:
 * `tls-{stem}` and `cert-{stem}`. */
export function isContractSecret(secret: string, certificate: string): boolean {
  return secret !== certificate && certificatesOfSecret(secret).includes(certificate)
}

function fit(stem: string): string {
  return stem.length <= LONGEST_STEM ? stem : hashed(stem, stem)
}

function hashed(stem: string, text: string): string {
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8)
  // A dot before the dash would start a label with a dash, which no object name may.
  return `${trimmedEnd(stem.slice(0, LONGEST_STEM), '.')}-${hash}`
}
