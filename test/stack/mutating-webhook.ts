import { once } from 'node:events'
import { createServer } from 'node:https'
import jsonPatch from 'fast-json-patch'
import { isJsonObject, objectAt, type JsonObject } from '../../shared/json/json.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { makeServingCertificate } from '../../webhook/serving/certificate.ts'
import type { Stack } from './stack.ts'

/** Starts another admission webhook for routes, as clusters have them, and registers it: the API server
 * calls webhooks by the order of their names, and again when a later one changed something. A request
 * that it fails is refused. Gives the function that ends it. */
export async function startMutatingWebhook(
  stack: Stack,
  options: { readonly name: string; readonly change: (route: JsonObject) => JsonObject },
): Promise<() => Promise<void>> {
  const { name, change } = options
  const { ca, ...keyPair } = await makeServingCertificate(['127.0.0.1'])
  const [port = 0] = await stack.ports(1)
  const server = createServer(keyPair, (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => response.end(answer(Buffer.concat(chunks).toString(), change)))
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  await stack.client.create(RESOURCES.mutatingWebhooks, configuration({ name, port, ca }))
  return async () => {
    await stack.client.delete({ resource: RESOURCES.mutatingWebhooks, name })
    server.closeAllConnections()
    server.close()
  }
}

function answer(body: string, change: (route: JsonObject) => JsonObject): string {
  const review: unknown = JSON.parse(body)
  const request = objectAt(isJsonObject(review) ? review : {}, 'request')
  const route = objectAt(request, 'object')
  const patch = jsonPatch.compare(route, change(route))
  return JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: {
      uid: request['uid'],
      allowed: true,
      patchType: 'JSONPatch',
      patch: Buffer.from(JSON.stringify(patch)).toString('base64'),
    },
  })
}

function configuration(at: {
  readonly name: string
  readonly port: number
  readonly ca: string
}): JsonObject {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: at.name },
    webhooks: [
      {
        name: `${at.name}.example.com`,
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        reinvocationPolicy: 'IfNeeded',
        clientConfig: {
          url: `https://127.0.0.1:${at.port}/`,
          caBundle: Buffer.from(at.ca).toString('base64'),
        },
        rules: [
          {
            apiGroups: ['traefik.io'],
            apiVersions: ['*'],
            resources: ['ingressroutes', 'ingressroutetcps'],
            operations: ['CREATE', 'UPDATE'],
          },
        ],
      },
    ],
  }
}
