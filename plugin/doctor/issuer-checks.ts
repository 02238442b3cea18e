import type { IssuerRef } from '../../shared/certmanager/certificate.ts'
import {
  isJsonObject,
  jsonObjectsAt,
  objectAt,
  textAt,
  textsAt,
  type JsonObject,
} from '../../shared/json/json.ts'
import { findCondition, parseConditions } from '../../shared/kube/object.ts'
import type { Lookup } from '../../shared/kube/kube-client.ts'
import { fine, unknown, wrong, type Check, type Outcome } from '../probe/check.ts'

/** Who signs, what for, and the ingress classes that its solvers can use. */
export type IssuerFacts = {
  readonly ref: IssuerRef
  readonly issuer: Lookup
  /** The host that it shall sign for; undefined: any. */
  readonly host: string | undefined
  /** undefined: not to be read. */
  readonly ingressClasses: readonly JsonObject[] | undefined
}

/** What must be so before an issuer can begin, in causal order. */
export const ISSUER_CHECKS: readonly Check<IssuerFacts>[] = [
  { name: 'issuer', look: isReadyToSign },
  { name: 'account', look: hasAccount },
  { name: 'solver', look: hasSolver },
  { name: 'class', look: hasTraefiksClass },
]

function isReadyToSign({ ref, issuer }: IssuerFacts): Outcome | undefined {
  const name = `${ref.kind} ${ref.name}`
  // Another group's issuer is no cert-manager's own, and has rules of its own.
  if (ref.group !== 'cert-manager.io') return unknown(`${name} is ${ref.group}'s: ask it`)
  if (issuer.kind === 'forbidden') return unknown(`you are not allowed to read ${name}`)
  if (issuer.kind === 'missing') {
    return wrong(
      `${name} does not exist`,
      'nobody signs, and requests wait for it for ever',
      `apply it (deploy/cert-manager-clusterissuer-*.yaml), or name another with cert-manager.io/cluster-issuer`,
    )
  }
  const ready = findCondition(parseConditions(objectAt(issuer.object, 'status')), 'Ready')
  if (ready?.status === 'True') return fine(`${name} is ready`)
  const says = ready === undefined ? 'cert-manager has not looked at it' : ready.reason
  return wrong(
    `${name} is not ready`,
    `${says}${ready?.message ? `: ${ready.message}` : ''}`,
    ready === undefined
      ? 'is cert-manager running?'
      : `fix ${name}: its ACME server, e-mail address and account Secret`,
  )
}

function hasAccount({ issuer }: IssuerFacts): Outcome | undefined {
  const acme = acmeOf(issuer)
  if (acme === undefined || issuer.kind !== 'found') return undefined
  const server = textAt(acme, 'server') ?? ''
  const uri = textAt(objectAt(objectAt(issuer.object, 'status'), 'acme'), 'uri')
  if (uri !== undefined) return fine(`registered at ${server}`)
  return wrong(
    'it has no account at its ACME server',
    `no account at ${server}`,
    `is ${server} right, and reached by cert-manager?`,
  )
}

function hasSolver({ issuer, host }: IssuerFacts): Outcome | undefined {
  if (acmeOf(issuer) === undefined) return undefined
  const solvers = solversFor(issuer, host)
  if (solvers.length > 0) return fine(`solved by ${kindOf(solvers[0] ?? {})}`)
  if (host?.startsWith('*') === true) {
    return wrong(
      'a wildcard needs a DNS-01 solver, and the issuer has none for it',
      `no solver with dns01 fits ${host}`,
      'add one to the issuer, or set --wildcard-cluster-issuer (deploy/cert-manager-clusterissuer-prod-dns.yaml)',
    )
  }
  return wrong(
    `the issuer has no solver for ${host ?? 'any host'}`,
    'no entry of spec.acme.solvers fits',
    'add one without a selector, or correct dnsNames and dnsZones',
  )
}

function hasTraefiksClass({ issuer, host, ingressClasses }: IssuerFacts): Outcome | undefined {
  const ingress = objectAt(objectAt(solversFor(issuer, host)[0] ?? {}, 'http01'), 'ingress')
  const name = textAt(ingress, 'ingressClassName')
  if (name === undefined) return undefined
  if (ingressClasses === undefined) return unknown('you are not allowed to list ingressclasses')
  const found = ingressClasses.find((one) => textAt(objectAt(one, 'metadata'), 'name') === name)
  const controller = textAt(objectAt(found ?? {}, 'spec'), 'controller')
  if (controller === TRAEFIK) return fine(`the solver's class ${name} is Traefik's`)
  return wrong(
    `Traefik does not serve the solver's ingress class ${name}`,
    found === undefined
      ? 'there is no IngressClass of that name'
      : `its controller is ${controller ?? '(none)'}`,
    `set ingressClassName in the issuer's solver to one of: ${traefiksOwn(ingressClasses)}`,
  )
}

const TRAEFIK = 'traefik.io/ingress-controller'

function traefiksOwn(classes: readonly JsonObject[]): string {
  const names = classes
    .filter((one) => textAt(objectAt(one, 'spec'), 'controller') === TRAEFIK)
    .map((one) => textAt(objectAt(one, 'metadata'), 'name'))
  return names.join(', ') || "(make an IngressClass of Traefik's)"
}

/** What the host is to be proved by: none, HTTP-01 or DNS-01. */
export function solvedBy({ issuer, host }: IssuerFacts): 'HTTP-01' | 'DNS-01' | undefined {
  const [solver] = solversFor(issuer, host)
  return solver === undefined ? undefined : kindOf(solver)
}

/** The ACME server of an issuer, or undefined. */
export function acmeServer(issuer: Lookup): string | undefined {
  return textAt(acmeOf(issuer) ?? {}, 'server')
}

function acmeOf(issuer: Lookup): JsonObject | undefined {
  if (issuer.kind !== 'found') return undefined
  const acme = objectAt(issuer.object, 'spec')['acme']
  return isJsonObject(acme) ? acme : undefined
}

/** The solvers that fit a host, the most exact first, as cert-manager chooses (acmeorders, selector): an
 * exact name before a zone, a longer zone before a shorter one. Labels are not looked at. */
function solversFor(issuer: Lookup, host: string | undefined): readonly JsonObject[] {
  const solvers = jsonObjectsAt(acmeOf(issuer) ?? {}, 'solvers')
  if (host === undefined) return solvers
  return solvers
    .filter((solver) => !host.startsWith('*') || kindOf(solver) === 'DNS-01')
    .map((solver) => ({ solver, fit: fitOf(objectAt(solver, 'selector'), host) }))
    .filter(({ fit }) => fit > 0)
    .sort((a, b) => b.fit - a.fit)
    .map(({ solver }) => solver)
}

/** 0: it does not fit. */
function fitOf(selector: JsonObject, host: string): number {
  const names = textsAt(selector, 'dnsNames')
  const zones = textsAt(selector, 'dnsZones')
  if (names.includes(host)) return 1000
  const bare = host.replace(/^\*\./, '')
  const fitting = zones.filter((zone) => bare === zone || bare.endsWith(`.${zone}`))
  const longest = Math.max(0, ...fitting.map((zone) => zone.length))
  if (longest > 0) return 1 + longest
  return names.length + zones.length === 0 ? 1 : 0
}

function kindOf(solver: JsonObject): 'HTTP-01' | 'DNS-01' {
  return isJsonObject(solver['dns01']) ? 'DNS-01' : 'HTTP-01'
}
