import type { Installed, Versions } from '../version/versions.ts'

/** The plugin's line, which needs no cluster. */
export function clientLine(version: string): string {
  return row('kubectl tlsauto', version)
}

/** The lines of what runs in the cluster. */
export function clusterLines({ server, certManager, traefik }: Versions): readonly string[] {
  return [
    ...rows('tlsauto', server),
    ...rows('cert-manager', certManager),
    ...rows('Traefik', traefik),
  ]
}

function rows(program: string, found: readonly Installed[] | null): readonly string[] {
  if (found === null)
    return [row(program, 'unknown: you are not allowed to list Deployments in all namespaces')]
  if (found.length === 0) return [row(program, 'not found among the Deployments and DaemonSets')]
  return found.map(({ version, namespace, name }) =>
    row(program, `${version ?? 'unknown'} (${namespace}/${name})`),
  )
}

function row(program: string, text: string): string {
  return `${program.padEnd(15)}   ${text}`
}
