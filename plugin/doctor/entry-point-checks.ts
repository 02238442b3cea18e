import { fine, unknown, wrong, type Check, type Outcome } from '../probe/check.ts'
import type { ServerFlags } from '../gather/server/server-flags.ts'
import type { Workload } from '../gather/workload.ts'

/** Traefik's containers, and tlsauto's flags. */
export type EntryPointFacts = Omit<ServerFlags, 'mistakes'> & {
  /** None: not to be seen. */
  readonly traefik: readonly Workload[]
}

/** Whether tlsauto's flags fit Traefik's static configuration, as far as arguments tell it: where
 * files or the environment may say otherwise, the answer is open. */
export const ENTRY_POINT_CHECKS: readonly Check<EntryPointFacts>[] = [
  { name: 'attach', look: fitsEntryPoints },
  { name: 'tls-options', look: keepsTlsOptions },
]

function fitsEntryPoints(facts: EntryPointFacts): Outcome | undefined {
  const question = openQuestion(facts)
  if (question !== undefined) return unknown(question)
  const { traefik, settings } = facts
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

/** What somebody else must answer first; undefined: nothing. */
function openQuestion({ traefik, settings, unseen }: EntryPointFacts): string | undefined {
  const hidden = unseen.get('attach') ?? unseen.get('tls-entrypoints')
  if (hidden !== undefined) {
    return `whether tlsauto's --attach fits Traefik's entry points: ask ${hidden}`
  }
  const elsewhere = traefik.map(otherSource).find((source) => source !== undefined)
  if (traefik.length > 0 && elsewhere === undefined) return undefined
  const where = elsewhere === undefined ? '' : ` (${elsewhere})`
  const todo =
    settings.attach === 'inject'
      ? 'Then start tlsauto with --attach=carry'
      : 'If not, start tlsauto with --attach=inject'
  return `is http.tls set on ${settings.tlsEntryPoints.join(', ')} in Traefik's static configuration${where}? ${todo}`
}

function keepsTlsOptions({ traefik, settings, unseen }: EntryPointFacts): Outcome | undefined {
  if (traefik.some((one) => otherSource(one) !== undefined)) return undefined
  const option = settings.tlsEntryPoints.find((name) =>
    hasArgument(traefik, `${name}.http.tls.options`),
  )
  if (option === undefined || settings.attach === 'carry') return undefined
  const hidden = unseen.get('default-tls-options') ?? unseen.get('attach')
  if (hidden !== undefined) {
    return unknown(`whether tlsauto keeps the TLS options of ${option}: ask ${hidden}`)
  }
  if (settings.defaultTlsOptions !== undefined) return fine('the TLS options of Traefik are kept')
  return wrong(
    "a route's own tls drops the TLS options of the entry point",
    `Traefik has http.tls.options on ${option}; tlsauto has no --default-tls-options`,
    'start tlsauto with --default-tls-options=NAME, or with --attach=carry',
  )
}

const CONFIG_FILE = /^\/etc\/traefik\/?$|(?:^|\/)traefik\.(?:toml|ya?ml)$/

/** Where Traefik's static configuration stands, if not in its arguments: a file goes before these, and the
 * environment counts where there are none (Traefik's pkg/cli: loaders of file, flags and environment). */
function otherSource({ args, variables, mounts }: Workload): string | undefined {
  const file = args.find((arg) => /^--configfile(?:=|$)/i.test(arg))
  if (file !== undefined) return file
  const mount = mounts.find((path) => CONFIG_FILE.test(path))
  if (mount !== undefined) return `a volume at ${mount}`
  const hasFlags = args.some((arg) => arg.startsWith('--'))
  const hasVariables = variables.some((name) => name === '*' || /^TRAEFIK_/i.test(name))
  return !hasFlags && hasVariables ? 'its environment' : undefined
}

function hasArgument(traefik: readonly Workload[], path: string): boolean {
  const start = `--entrypoints.${path}`.toLowerCase()
  return traefik.some(({ args }) =>
    args.some((arg, at) => {
      const text = arg.toLowerCase()
      if (text.endsWith('=false') || args[at + 1]?.toLowerCase() === 'false') return false
      return text === start || text.startsWith(`${start}=`) || text.startsWith(`${start}.`)
    }),
  )
}
