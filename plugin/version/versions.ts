import { isJsonObject, listAt, objectAt, textAt, type JsonObject } from '../../shared/json/json.ts'
import { compare, parseMeta } from '../../shared/kube/object.ts'

/** One installation of a program in the cluster. */
export type Installed = {
  /** As its image's tag says it, or its label; null: neither does. */
  readonly version: string | null
  readonly namespace: string
  readonly name: string
}

/** What `version -o json` prints: an API. A list is null where it may not be read. */
export type Versions = {
  readonly client: { readonly version: string }
  readonly server: readonly Installed[] | null
  readonly certManager: readonly Installed[] | null
  readonly traefik: readonly Installed[] | null
}

/** The value of `app.kubernetes.io/name` on the workloads of each. */
export const PROGRAMS = {
  server: 'tlsauto',
  certManager: 'cert-manager',
  traefik: 'traefik',
} as const

/** The versions of those workloads (Deployments and DaemonSets); undefined: they may not be listed. */
export function versionsOf(client: string, workloads: readonly JsonObject[] | undefined): Versions {
  const of = (program: string): readonly Installed[] | null =>
    workloads === undefined ? null : installed(workloads, program)
  return {
    client: { version: client },
    server: of(PROGRAMS.server),
    certManager: of(PROGRAMS.certManager),
    traefik: of(PROGRAMS.traefik),
  }
}

function installed(workloads: readonly JsonObject[], program: string): readonly Installed[] {
  return workloads
    .flatMap((workload) => {
      const metadata = parseMeta(workload['metadata'])
      if (metadata?.labels['app.kubernetes.io/name'] !== program) return []
      const { namespace, name, labels } = metadata
      const version = tagOf(imageOf(workload)) ?? labels['app.kubernetes.io/version']
      return [{ version: version?.replace(/^v(?=\d)/, '') ?? null, namespace, name }]
    })
    .toSorted((a, b) => compare(`${a.namespace}/${a.name}`, `${b.namespace}/${b.name}`))
}

function imageOf(workload: JsonObject): string {
  const template = objectAt(objectAt(workload, 'spec'), 'template')
  const container = listAt(objectAt(template, 'spec'), 'containers').find(isJsonObject)
  return textAt(container ?? {}, 'image') ?? ''
}

/** `registry:5000/traefik:v3.7.0@sha256:…` has the tag `v3.7.0`. */
function tagOf(image: string): string | undefined {
  return /:([\w.-]+)$/.exec(image.replace(/@.*$/, ''))?.[1]
}
