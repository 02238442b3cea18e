import { parseTime } from '../../shared/json/time.ts'
import { isFor } from '../probe/certificate-facts.ts'
import { fine, unknown, wrong, type Check, type Outcome } from '../probe/check.ts'
import { dnsConfigured, dnsOutcome } from '../status/dns-state.ts'
import { endpointText } from '../probe/endpoint.ts'
import type { Place, VerifyFacts } from './facts.ts'

/** What is compared of one domain, in the order in which one thing needs the other. */
export const VERIFY_CHECKS: readonly Check<VerifyFacts>[] = [
  { name: 'dns', look: leadsToTraefik },
  { name: 'issued', look: isIssued },
  { name: 'tls', look: hasPlace },
  { name: 'tls', look: each(answersOverTls) },
  { name: 'names', look: each(servesItsNames) }, // also Traefik's default certificate
  { name: 'serial', look: each(servesWhatWasIssued) },
  { name: 'expiry', look: each(isInTime) },
  { name: 'chain', look: each(isTrusted) },
  { name: 'http', look: each(redirectsHttp) },
]

/** Whether the domain leads to Traefik: DNS says so, or what is served there was issued here (it may
 * come by way of a CDN). null: nobody can tell. */
export function leadsHere(facts: VerifyFacts): boolean | null {
  const { name, answer, traefik } = facts
  return servesOurs(facts) ? true : dnsConfigured({ name, answer, traefik })
}

function leadsToTraefik(facts: VerifyFacts): Outcome {
  const { name, answer } = facts
  const traefik = servesOurs(facts) && answer.kind === 'found' ? answer.addresses : facts.traefik
  return dnsOutcome({ name, answer, traefik })
}

/** Whether every address that DNS names serves what was issued. */
function servesOurs({ answer, issued, places }: VerifyFacts): boolean {
  if (answer.kind !== 'found' || issued === undefined) return false
  return answer.addresses.every((address) =>
    places.some(
      ({ endpoint, served }) =>
        endpoint.host === address &&
        served.kind === 'served' &&
        served.certificate.serial === issued.serial,
    ),
  )
}

function isIssued({ item, issued }: VerifyFacts): Outcome {
  if (item.state === 'unmanaged') return unknown(`tlsauto leaves it alone: ${item.message}`)
  if (issued !== undefined) {
    return fine(`${item.certificate}: serial ${issued.serial}, until ${issued.notAfter}`)
  }
  if (item.notAfter !== null) {
    return unknown(`until ${item.notAfter}; its CertificateRequest is gone, or not yours to read`)
  }
  const next = `kubectl tlsauto doctor ${item.domain} says why`
  return wrong('no certificate was issued yet', `it is ${item.state}`, next)
}

function hasPlace({ places }: VerifyFacts): Outcome | undefined {
  if (places.length > 0) return undefined
  return unknown('nobody tells where Traefik is; try --address HOST[:PORT]')
}

/** The outcome of the first place where it is not fine; else of the first. */
function each(
  look: (place: Place, facts: VerifyFacts) => Outcome | undefined,
): (facts: VerifyFacts) => Outcome | undefined {
  return (facts) => {
    const outcomes = facts.places.flatMap((place) => look(place, facts) ?? [])
    return outcomes.find(({ kind }) => kind === 'wrong') ?? outcomes[0]
  }
}

function answersOverTls({ endpoint, served }: Place): Outcome {
  const at = endpointText(endpoint)
  if (served.kind === 'served') return fine(`${at} answers`)
  return wrong(
    `${at} does not speak TLS with us`,
    served.error,
    "is it Traefik's HTTPS entry point, and open in the firewall? --address says another",
  )
}

const DEFAULT_CERTIFICATE = /CN=TRAEFIK DEFAULT CERT/

function isDefault({ served }: Place): boolean {
  return served.kind === 'served' && DEFAULT_CERTIFICATE.test(served.certificate.subject)
}

function servesItsNames(place: Place, { name, item }: VerifyFacts): Outcome | undefined {
  const { endpoint, served } = place
  if (served.kind === 'silent') return undefined
  const at = endpointText(endpoint)
  const names = served.certificate.names.join(', ')
  if (isDefault(place)) {
    return wrong(
      `${at} serves Traefik's default certificate`,
      `it has no certificate for ${name} from Secret ${item.secret ?? '(none)'}`,
      item.notAfter === null
        ? `kubectl tlsauto doctor ${item.domain} says why none was issued`
        : "is the Secret there, and does Traefik's log say why it can't be read?",
    )
  }
  if (isFor(served.certificate, name)) return fine(`it is for ${names}`)
  return wrong(
    `${at} serves a certificate for other names`,
    `it is for ${names}`,
    `is that Traefik, and is ${name} a host of one of its routes?`,
  )
}

function servesWhatWasIssued(
  place: Place,
  { item, issued, name }: VerifyFacts,
): Outcome | undefined {
  const { served } = place
  if (served.kind === 'silent' || isDefault(place) || !isFor(served.certificate, name)) {
    return undefined
  }
  const { serial, notAfter } = served.certificate
  const what = `serial ${serial}, until ${notAfter}`
  const wanted = issued ?? issuedByStatus(item)
  if (wanted === undefined) return unknown(what)
  const isSame =
    wanted.serial === undefined ? notAfter === wanted.notAfter : serial === wanted.serial
  if (isSame) return fine(`${what}: what was issued`)
  return wrong(
    'what is served is not what was issued',
    `served: ${what}; issued: serial ${wanted.serial ?? 'unknown'}, until ${wanted.notAfter}`,
    `does another Secret for ${name}, in any namespace, come first in Traefik's pool, or a proxy stand before it?`,
  )
}

/** The Certificate's status knows when its certificate ends, if not its serial. */
function issuedByStatus({
  notAfter,
}: VerifyFacts['item']): { readonly serial: undefined; readonly notAfter: string } | undefined {
  return notAfter === null ? undefined : { serial: undefined, notAfter }
}

function isInTime(place: Place, { item, now }: VerifyFacts): Outcome | undefined {
  const { served } = place
  if (served.kind === 'silent' || isDefault(place)) return undefined
  const { notBefore, notAfter } = served.certificate
  const left = (parseTime(notAfter) ?? 0) - now.getTime()
  if (left <= 0) {
    const todo = `kubectl tlsauto recreate ${item.domain}`
    return wrong('the certificate that is served has expired', `on ${notAfter}`, todo)
  }
  if ((parseTime(notBefore) ?? 0) > now.getTime()) {
    const todo = "set the clocks of this machine and of the issuer's right"
    return wrong('the certificate that is served is not valid yet', `before ${notBefore}`, todo)
  }
  return fine(`${Math.floor(left / 86_400_000)} days are left`)
}

function isTrusted(place: Place, { hasOwnCa }: VerifyFacts): Outcome | undefined {
  const { served } = place
  if (served.kind === 'silent' || isDefault(place)) return undefined
  const { issuer } = served.certificate
  if (served.untrusted === undefined) return fine(`trusted; issued by ${issuer}`)
  // The checks of time say that better.
  if (/EXPIRED|NOT_YET_VALID/.test(served.untrusted)) return undefined
  return wrong(
    `no CA that is trusted here stands behind it`,
    `${served.untrusted}; issued by ${issuer}`,
    hasOwnCa
      ? 'is --ca the right file?'
      : 'a staging or private issuer? Give its CA with --ca FILE, or change the issuer',
  )
}

function redirectsHttp({ endpoint, http }: Place, { redirects, item }: VerifyFacts): Outcome {
  if (http.kind === 'silent') {
    return redirects
      ? wrong(
          `plain HTTP at ${endpoint.host} does not answer`,
          http.error,
          "open Traefik's HTTP entry point, or say --http-port",
        )
      : unknown(`plain HTTP at ${endpoint.host} does not answer: ${http.error}`)
  }
  const goesTo = http.location === null ? '' : `, to ${http.location}`
  const what = `plain HTTP answers ${http.status}${goesTo}`
  if (!redirects || http.location?.startsWith('https://') === true) return fine(what)
  return wrong(
    'plain HTTP is not redirected to HTTPS',
    what,
    `does another route for ${item.domain} on the HTTP entry point have a longer rule, or a priority?`,
  )
}
