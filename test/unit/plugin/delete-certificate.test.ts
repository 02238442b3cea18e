import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { deleteCertificate } from '../../../plugin/reissue/delete-certificate.ts'
import type { JsonObject } from '../../../shared/json/json.ts'
import type { KubeClient, Lookup } from '../../../shared/kube/kube-client.ts'
import { certificate } from '../../fixtures/certificates.ts'
import { scriptedClient } from '../../fixtures/scripted-client.ts'

const ONE = certificate({})
const { name } = ONE.metadata

// Bob may edit routes. The Secret that he names in one must not be deleted by an administrator for him.
suite('recreate --hard --delete-secret deletes the Secret', () => {
  const rows: readonly (readonly [what: string, found: Lookup, want: RegExp | 'both' | 'one'])[] = [
    ['that cert-manager issued for the Certificate', secret('kubernetes.io/tls', name), 'both'],
    ['that is not there: nothing is', { kind: 'missing' }, 'one'],
    ['of another type', secret('Opaque', name), /does not hold this certificate/],
    ['of another Certificate', secret('kubernetes.io/tls', 'other'), /does not hold/],
    ['that nobody issued', secret('kubernetes.io/tls'), /does not hold/],
    ['that can’t be read', { kind: 'forbidden', message: 'no' }, /not allowed to read/],
  ]
  for (const [what, found, want] of rows) {
    test(`${want instanceof RegExp ? 'not one ' : ''}${what}`, async () => {
      const deleted: string[] = []
      const client: KubeClient = {
        ...scriptedClient({}).client,
        get: async () => found,
        delete: async ({ resource }) => void deleted.push(resource.plural),
      }
      const deleting = deleteCertificate(client, ONE, { withSecret: true })
      if (want instanceof RegExp) await assert.rejects(deleting, want)
      else await deleting
      const all = { both: ['certificates', 'secrets'], one: ['certificates'] }
      assert.deepEqual(deleted, want instanceof RegExp ? [] : all[want])
    })
  }
})

function secret(type: string, issuedFor?: string): Lookup {
  const annotations: JsonObject =
    issuedFor === undefined ? {} : { 'cert-manager.io/certificate-name': issuedFor }
  return { kind: 'found', object: { type, metadata: { name: 's', uid: 'u', annotations } } }
}
