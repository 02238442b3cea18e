import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { loadAll } from 'js-yaml'
import { isJsonObject, objectAt, textAt } from '../../shared/json/json.ts'
import { INSTALLATION } from '../../shared/kube/installation.ts'
import { ROOT } from './bundle.ts'

/** A manifest that is shipped: its file, what it says of itself, its parts and their values. */
type Manifest = {
  readonly file: string
  readonly head: string
  /** Files of `deploy/manifests/`, in the order in which they are applied. */
  readonly parts: readonly string[]
  readonly values: Readonly<Record<string, string>>
}

const GENERATED = '# Generated from deploy/manifests by `make manifests`: change it there.\n'

const ISSUERS = `# The issuers are files of their own (cert-manager-clusterissuer-*.yaml), so that deleting this file's
# objects never deletes an issuer.
`

const IDENTITY = {
  NAMESPACE: INSTALLATION.namespace,
  SERVICE_ACCOUNT: INSTALLATION.serviceAccount,
} as const

/** Everything that a cluster needs. */
const PARTS = [
  'namespace',
  'domain-claims',
  'guard',
  'secrets-policy',
  'rights',
  'server',
  'network-policy',
  'webhooks',
]

const MANIFESTS: readonly Manifest[] = [
  {
    file: 'deploy/tlsauto.yaml',
    head: `# tlsauto for Traefik whose HTTPS entry point does not terminate TLS by itself (no http.tls in Traefik's
# static configuration): TLS is added to routes. For k3s and Traefik's Helm chart: tlsauto-k3s.yaml.
# Everything it needs, and nothing else. kubectl apply -f deploy/tlsauto.yaml
${ISSUERS}`,
    parts: PARTS,
    values: { ...IDENTITY, ATTACH: 'inject' },
  },
  {
    file: 'deploy/tlsauto-k3s.yaml',
    head: `# tlsauto for k3s and Traefik's Helm chart, whose HTTPS entry point terminates TLS by itself (http.tls): routes
# stay as they are. For a Traefik without http.tls: tlsauto.yaml.
# Everything it needs, and nothing else. kubectl apply -f deploy/tlsauto-k3s.yaml
${ISSUERS}`,
    parts: PARTS,
    values: { ...IDENTITY, ATTACH: 'carry' },
  },
  {
    file: 'deploy/tlsauto-guard.yaml',
    head: `# The guard alone, which is also in tlsauto.yaml and tlsauto-k3s.yaml: what whoever steals tlsauto's token can't do.
# kubectl apply -f deploy/tlsauto-guard.yaml
`,
    parts: ['guard'],
    values: IDENTITY,
  },
]

/** What `kubectl tlsauto doctor` compares a cluster with. */
const SHIPPED = {
  file: 'plugin/doctor/installation/shipped-objects.json',
  of: 'deploy/tlsauto.yaml',
  kinds: /^(?:(?:Mutating|Validating)WebhookConfiguration|ValidatingAdmissionPolicy(?:Binding)?)$/,
} as const

/** The text of every generated file, by its path in the work tree: the manifests, and what of them the plugin knows. */
export async function renderedManifests(): Promise<ReadonlyMap<string, string>> {
  const manifests = await renderAll()
  return new Map([...manifests, [SHIPPED.file, shippedObjects(manifests.get(SHIPPED.of) ?? '')]])
}

function shippedObjects(manifest: string): string {
  const objects = loadAll(manifest)
    .filter(isJsonObject)
    .filter((object) => SHIPPED.kinds.test(textAt(object, 'kind') ?? ''))
    .map(({ kind, metadata, ...rest }) => {
      const name = textAt(objectAt({ metadata }, 'metadata'), 'name')
      return { kind, metadata: { name }, spec: rest['spec'], webhooks: rest['webhooks'] }
    })
  return `${JSON.stringify(objects, undefined, 2)}\n`
}

async function renderAll(): Promise<ReadonlyMap<string, string>> {
  return new Map(
    await Promise.all(
      MANIFESTS.map(async ({ file, head, parts, values }) => {
        const texts = await Promise.all(parts.map(readPart))
        const body = texts.map((text) => withValues(text, values)).join('---\n')
        return [file, `${head}${GENERATED}${body}`] as const
      }),
    ),
  )
}

async function readPart(name: string): Promise<string> {
  return readFile(join(ROOT, 'deploy', 'manifests', `${name}.yaml`), 'utf8')
}

/** Puts the values in the place of `$NAME`. An Error names one that has no value. */
function withValues(text: string, values: Manifest['values']): string {
  return text.replaceAll(/\$([A-Z_]+)/g, (_found, name: string) => {
    const value = values[name]
    if (value === undefined) throw new Error(`deploy/manifests: $${name} has no value`)
    return value
  })
}
