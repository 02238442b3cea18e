import { objectAt, textAt, type JsonObject } from '../../shared/json/json.ts'
import { ownerUids } from '../../shared/certmanager/acme.ts'
import type { Certificate } from '../../shared/certmanager/certificate.ts'
import { parseMeta } from '../../shared/kube/object.ts'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { isCompanion, REDIRECTS } from '../../shared/kube/ours.ts'
import { readCertificate, type CertificateFacts } from '../probe/certificate-facts.ts'
import type { Gathered } from '../gather/snapshot.ts'
import { resolveName, type DnsAnswer } from '../probe/dns.ts'
import { endpointsOf, type Endpoint } from '../probe/endpoint.ts'
import type { ProbeOptions } from '../probe/probe-options.ts'
import { probeHttp, type HttpAnswer } from '../probe/http.ts'
import { probeTls, type Served } from '../probe/tls.ts'
import { listIfAllowed } from '../gather/list-if-allowed.ts'
import type { StatusItem } from '../status/report.ts'
import { traefikPlace } from '../gather/traefik-addresses.ts'

/** What one address serves for a domain. */
export type Place = {
  readonly endpoint: Endpoint
  readonly served: Served
  readonly http: HttpAnswer
}

/** Everything that `verify` compares. */
export type VerifyFacts = {
  readonly item: StatusItem
  /** What is asked for: a wildcard stands for names below it. */
  readonly name: string
  readonly answer: DnsAnswer
  /** Traefik's addresses; empty: nobody knows. */
  readonly traefik: readonly string[]
  /** Namespaces with a Service that has the label of Traefik and was not used. */
  readonly doubted: readonly string[]
  /** What cert-manager issued last; undefined: nothing, or nobody tells (its request is gone, or may
   * not be read). */
  readonly issued: CertificateFacts | undefined
  readonly places: readonly Place[]
  /** Whether tlsauto has plain HTTP redirected for this domain. */
  readonly redirects: boolean
  readonly hasOwnCa: boolean
  readonly now: Date
}

/** Looks everywhere for one domain. */
export async function verifyFacts(
  client: KubeClient,
  options: ProbeOptions,
  about: { readonly item: StatusItem; readonly gathered: Gathered; readonly now: Date },
): Promise<VerifyFacts> {
  const { item, gathered, now } = about
  const name = (item.domain ?? '').replace(/^\*/, 'tlsauto-verify')
  const { address, dns } = options
  const [answer, issued, { addresses: traefik, doubted }] = await Promise.all([
    resolveName(dns, name),
    issuedCertificate(client, certificateOf(item, gathered)),
    traefikPlace(client, dns, address),
  ])
  const places = await Promise.all(
    endpointsOf({ address, answer, traefik }).map(async (endpoint) =>
      look(endpoint, name, options),
    ),
  )
  const redirects = gathered.routes.some(
    (route) =>
      isCompanion(route) &&
      route.metadata.namespace === item.namespace &&
      route.metadata.annotations[REDIRECTS]?.split(',').includes(item.domain ?? '') === true,
  )
  const hasOwnCa = options.ca !== undefined
  return { item, name, answer, traefik, doubted, issued, places, redirects, hasOwnCa, now }
}

async function look(endpoint: Endpoint, name: string, options: ProbeOptions): Promise<Place> {
  const { ca, timeout, httpPort } = options
  const web = { host: endpoint.host, port: httpPort }
  const [served, http] = await Promise.all([
    probeTls(endpoint, { name, ca, timeout }),
    probeHttp(web, { host: name, path: '/', timeout }),
  ])
  return { endpoint, served, http }
}

function certificateOf(item: StatusItem, gathered: Gathered): Certificate | undefined {
  return gathered.certificates.find(
    ({ metadata }) => metadata.namespace === item.namespace && metadata.name === item.certificate,
  )
}

/** From the CertificateRequest of the revision that is in force: the Secret is nobody's to read. */
async function issuedCertificate(
  client: KubeClient,
  certificate: Certificate | undefined,
): Promise<CertificateFacts | undefined> {
  if (certificate === undefined) return undefined
  const { namespace } = certificate.metadata
  const requests = await listIfAllowed(client, {
    resource: RESOURCES.certificateRequests,
    namespace,
  })
  const request = requests?.find((one) => isInForce(one, certificate))
  const pem = textAt(objectAt(request ?? {}, 'status'), 'certificate')
  return pem === undefined ? undefined : readCertificate(Buffer.from(pem, 'base64').toString())
}

function isInForce(request: JsonObject, { metadata, status }: Certificate): boolean {
  const meta = parseMeta(request['metadata'])
  if (meta === undefined || !ownerUids({ metadata: meta }).includes(metadata.uid)) return false
  return meta.annotations['cert-manager.io/certificate-revision'] === String(status.revision)
}
