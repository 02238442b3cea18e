import { dump } from 'js-yaml'
import type { Platform } from './platforms.ts'

/** An archive with the plugin for a platform, by its file name. */
export type Archive = {
  readonly platform: Platform
  readonly name: string
  readonly sha256: string
}

/** The manifest by which krew installs the plugin: https://krew.sigs.k8s.io/docs/developer-guide/plugin-manifest.
 * The archives are found under `url`. */
export function krewManifest({
  version,
  url,
  archives,
}: {
  readonly version: string
  readonly url: string
  readonly archives: readonly Archive[]
}): string {
  return dump({
    apiVersion: 'krew.googlecontainertools.github.com/v1alpha2',
    kind: 'Plugin',
    metadata: { name: 'tlsauto' },
    spec: {
      version: `v${version}`,
      shortDescription: 'See and repair the certificates of Traefik routes',
      description:
        'Tells how the certificate of every domain of your IngressRoutes stands, why one failed and what ' +
        'to do, and renews, recreates and verifies them. Needs tlsauto and cert-manager in the cluster.',
      platforms: archives.map(({ platform: { os, arch, suffix }, name, sha256 }) => ({
        selector: { matchLabels: { os, arch } },
        uri: `${url.replace(/\/+$/, '')}/${name}`,
        sha256,
        bin: `kubectl-tlsauto${suffix}`,
        files: [
          { from: `kubectl-tlsauto${suffix}`, to: '.' },
          { from: '*LICENSE*', to: '.' },
        ],
      })),
    },
  })
}
