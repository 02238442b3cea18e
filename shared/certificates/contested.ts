import { textAt, type JsonObject } from '../json/json.ts'
import { isOurs } from '../kube/ours.ts'
import { normalHost } from '../traefik/hosts.ts'
import { ADDED_NAMES, type Certificate } from '../certmanager/certificate.ts'
import type { DesiredCertificate } from './desired.ts'
import { ownOptions, type Options } from '../certmanager/options.ts'

/** A Certificate without the names that another namespace holds; undefined: no name is left. One that has such
 * a name already keeps it while its routes ask for it, and stays as it is: whoever holds the name now, live
 * routes serve with that certificate. */
export function withoutHeldNames(
  desired: DesiredCertificate,
  existing: Certificate | undefined,
  isHeldElsewhere: (host: string) => boolean,
): DesiredCertificate | undefined {
  const { commonName } = desired.options.spec
  const names = [...desired.dnsNames, ...(typeof commonName === 'string' ? [commonName] : [])]
  const held = new Set(names.filter((name) => isHeldElsewhere(normalHost(name))))
  if (held.size === 0) return desired
  if (existing !== undefined && isOurs(existing)) {
    const had = new Set(existing.spec.dnsNames)
    const kept = desired.dnsNames.filter((name) => had.has(name))
    if (kept.some((name) => held.has(name))) {
      const { issuerRef } = existing.spec
      return { ...desired, dnsNames: kept, issuerRef, options: ownOptions(existing) }
    }
  }
  const dnsNames = desired.dnsNames.filter((name) => !held.has(name))
  if (dnsNames.length === 0) return undefined
  return { ...desired, dnsNames, options: optionsWithout(desired.options, held) }
}

function optionsWithout({ annotations, spec }: Options, held: ReadonlySet<string>): Options {
  const { [ADDED_NAMES]: added, ...others } = annotations
  const left = (added?.split(',') ?? []).filter((name) => !held.has(name))
  const marked = left.length === 0 ? {} : { [ADDED_NAMES]: left.join(',') }
  return { annotations: { ...others, ...marked }, spec: specWithout(spec, held) }
}

function specWithout(spec: JsonObject, held: ReadonlySet<string>): JsonObject {
  const { commonName: _, ...others } = spec
  return held.has(textAt(spec, 'commonName') ?? '') ? others : spec
}
