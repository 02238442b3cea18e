import { isJsonObject, objectAt, textAt, type JsonObject } from '../../shared/json/json.ts'
import { listAll } from '../../shared/kube/kube-client.ts'
import { pathOf, RESOURCES, type Resource } from '../../shared/kube/resources.ts'
import { apiRequests, type ApiRequest } from '../stack/api-requests.ts'
import type { Stack } from '../stack/stack.ts'

const CLIENTS = 8
/** One in so many has failed. */
const FAILING = 20
const HOUR_MS = 3_600_000
/** About as long as the signed chain that an object carries. */
const PEM = Buffer.from('a certificate and its chain '.repeat(130)).toString('base64')
const ACME = 'https://acme.example.com/acme'
const REFUSED =
  'Error accepting authorization: acme: authorization error for shop.example.com: 400 urn:ietf:params:acme:' +
  'error:dns: DNS problem: NXDOMAIN looking up A for shop.example.com'

type Send = (method: ApiRequest['method'], path: string, body: JsonObject) => Promise<JsonObject>
type Owned = { readonly send: Send; readonly owner: JsonObject }

/** Gives each Certificate the CertificateRequest, Order and Challenge that cert-manager would have left, with
 * statuses: one in twenty has failed. cert-manager itself must not run; reading is what is measured. */
export async function fillDomains(stack: Stack): Promise<void> {
  const request = await apiRequests(stack.kubeconfig)
  const send: Send = async (method, path, body) => {
    const { status, text } = await request({ method, path, body: JSON.stringify(body) })
    if (status > 201) throw new Error(text)
    const answer: unknown = JSON.parse(text)
    return isJsonObject(answer) ? answer : {}
  }
  const { items } = await listAll(stack.client, { resource: RESOURCES.certificates })
  const numbered = items.entries()
  const work = async (): Promise<void> => {
    for (const [number, owner] of numbered) {
      await fillDomain({ send, owner, failed: number % FAILING === 0 })
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, work))
}

async function fillDomain({
  send,
  owner,
  failed,
}: Owned & { readonly failed: boolean }): Promise<void> {
  const kind = RESOURCES.certificates
  await putStatus(send, kind, { ...owner, status: certificateStatus(failed) })
  const { issuerRef, dnsNames } = objectAt(owner, 'spec') ?? {}
  const spec = { request: PEM, issuerRef, dnsNames, usages: ['digital signature'] }
  const request = await create(
    RESOURCES.certificateRequests,
    { send, owner },
    spec,
    requestStatus(failed),
  )
  const state = failed ? 'invalid' : 'valid'
  const order = await create(
    RESOURCES.orders,
    { send, owner: request },
    { request: PEM, issuerRef, dnsNames },
    { state, url: `${ACME}/order`, ...(failed ? { reason: REFUSED } : { certificate: PEM }) },
  )
  await create(
    RESOURCES.challenges,
    { send, owner: order },
    challengeSpec({ issuerRef, dnsNames }),
    { state, processing: false, presented: !failed, reason: failed ? REFUSED : '' },
  )
}

async function create(
  resource: Resource,
  { send, owner }: Owned,
  spec: JsonObject,
  status: JsonObject,
): Promise<JsonObject> {
  const { apiVersion, kind } = resource
  const metadata = objectAt(owner, 'metadata')
  const [name, namespace = ''] = [textAt(metadata, 'name'), textAt(metadata, 'namespace')]
  const reference = { apiVersion: owner['apiVersion'], kind: owner['kind'], name }
  const made = await send('POST', pathOf(resource, { namespace }), {
    apiVersion,
    kind,
    metadata: {
      name: `${name}-1`,
      namespace,
      annotations: {
        'cert-manager.io/certificate-name': name,
        'cert-manager.io/certificate-revision': '1',
      },
      ownerReferences: [{ ...reference, uid: metadata?.['uid'], controller: true }],
    },
    spec,
  })
  await putStatus(send, resource, { ...made, status })
  return made
}

async function putStatus(send: Send, resource: Resource, object: JsonObject): Promise<void> {
  const metadata = objectAt(object, 'metadata')
  const [name = '', namespace = ''] = [textAt(metadata, 'name'), textAt(metadata, 'namespace')]
  await send('PUT', `${pathOf(resource, { namespace, name })}/status`, object)
}

function certificateStatus(failed: boolean): JsonObject {
  if (failed) {
    return {
      conditions: [condition('Ready', false), { ...condition('Issuing', false), reason: 'Failed' }],
      lastFailureTime: at(-HOUR_MS / 2),
      failedIssuanceAttempts: 1,
    }
  }
  return {
    conditions: [condition('Ready', true)],
    notBefore: at(-24 * HOUR_MS),
    notAfter: at(89 * 24 * HOUR_MS),
    renewalTime: at(59 * 24 * HOUR_MS),
    revision: 1,
  }
}

function requestStatus(failed: boolean): JsonObject {
  const ready = { ...condition('Ready', !failed), reason: failed ? 'Failed' : 'Issued' }
  return {
    conditions: [condition('Approved', true), ready],
    ...(failed ? { failureTime: at(-HOUR_MS / 2) } : { certificate: PEM }),
  }
}

function challengeSpec({ issuerRef, dnsNames }: JsonObject): JsonObject {
  return {
    authorizationURL: `${ACME}/authz`,
    dnsName: Array.isArray(dnsNames) ? (dnsNames[0] ?? '') : '',
    issuerRef,
    key: 'token.key',
    solver: { http01: { ingress: { ingressClassName: 'traefik' } } },
    token: 'token',
    type: 'HTTP-01',
    url: `${ACME}/challenge`,
    wildcard: false,
  }
}

function condition(type: string, holds: boolean): JsonObject {
  const lastTransitionTime = at(-HOUR_MS / 2)
  return { type, status: holds ? 'True' : 'False', reason: type, message: '', lastTransitionTime }
}

function at(offset: number): string {
  return new Date(Date.now() + offset).toISOString().replace(/\.\d+Z$/, 'Z')
}
