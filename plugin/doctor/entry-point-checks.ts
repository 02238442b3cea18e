import type { ClusterSettings } from '../../shared/settings.ts'
import { fine, unknown, wrong, type Check, type Outcome } from '../probe/check.ts'
import type { Workload } from './workload.ts'

/** Traefik's containers, and tlsauto's flags. */
export type EntryPointFacts = {
  /** None: not to be seen. */
  readonly traefik: readonly Workload[]
  /** The flags of tlsauto's Deployment; the defaults where it is not to be seen. */
  readonly settings: ClusterSettings
}

/** Whether tlsauto's flags fit Traefik's static configuration, as far as arguments tell it: files and
 * the environment are not to be seen from here. */
export const ENTRY_POINT_CHECKS: readonly Check<EntryPointFacts>[] = [
  { name: 'attach', look: fitsEntryPoints },
  { name: 'tls-options', look: keepsTlsOptions },
]

function fitsEntryPoints({ traefik, settings }: EntryPointFacts): Outcome | undefined {
  if (traefik.length === 0) {
    return unknown(
      `is http.tls set on ${settings.tlsEntryPoints.join(', ')} in Traefik's static configuration? Then start tlsauto with --attach=carry`,
    )
  }
  const terminating = settings.tlsEntryPoints.filter((name) =>
    hasArgument(traefik, `${name}.http.tls`),
  )
  if (terminating.length > 0 && settings.attach === 'inject') {
    return wrong(
      'the HTTPS entry point terminates TLS by itself, and tlsauto injects',
      `Traefik has http.tls on ${terminating.join(', ')}; tlsauto has --attach=inject`,
      'start tlsauto with --attach=carry',
    )
  }
  if (terminating.length === 0 && settings.attach === 'carry') {
    return wrong(
      'nobody ends TLS for routes that tlsauto leaves as they are',
      `Traefik's arguments set no http.tls on ${settings.tlsEntryPoints.join(', ')}; tlsauto has --attach=carry`,
      'start tlsauto with --attach=inject, or set http.tls',
    )
  }
  return fine(`--attach=${settings.attach} fits Traefik's entry points`)
}

function keepsTlsOptions({ traefik, settings }: EntryPointFacts): Outcome | undefined {
  const option = settings.tlsEntryPoints.find((name) =>
    hasArgument(traefik, `${name}.http.tls.options`),
  )
  if (option === undefined || settings.attach === 'carry') return undefined
  if (settings.defaultTlsOptions !== undefined) return fine('the TLS options of Traefik are kept')
  return wrong(
    "a route's own tls drops the TLS options of the entry point",
    `Traefik has http.tls.options on ${option}; tlsauto has no --default-tls-options`,
    'start tlsauto with --default-tls-options=NAME, or with --attach=carry',
  )
}

function hasArgument(traefik: readonly Workload[], path: string): boolean {
  const start = `--entrypoints.${path}`.toLowerCase()
  return traefik.some(({ args }) =>
    args.some((arg) => {
      const text = arg.toLowerCase()
      if (text.endsWith('=false')) return false
      return text === start || text.startsWith(`${start}=`) || text.startsWith(`${start}.`)
    }),
  )
}
