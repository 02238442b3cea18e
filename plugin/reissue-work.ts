import { failureText } from '../shared/findings/status-words.ts'
import { acmeDirectories } from './acme-directory.ts'
import type { StatusContext } from './commands/status.ts'
import type { Gathered } from './gather.ts'
import { createLookups } from './lookups.ts'
import { workOf, type Work } from './reissue-jobs.ts'
import type { Target } from './targets.ts'

/** Turns targets into work, with what their issuers say. */
export async function planWork(
  input: {
    readonly targets: readonly Target[]
    readonly gathered: Gathered
    readonly force: boolean
    readonly keepsSecrets: boolean
  },
  { client, now }: StatusContext,
): Promise<Work> {
  const { targets, gathered, force, keepsSecrets } = input
  const { certificates, requests } = gathered
  const names = new Set(targets.map(({ namespace, name }) => `${namespace}/${name}`))
  const ask = acmeDirectories(client)
  const answers = certificates
    .filter(({ metadata }) => names.has(`${metadata.namespace}/${metadata.name}`))
    .map(async ({ metadata, spec }) => {
      return [metadata.uid, await ask(spec.issuerRef, metadata.namespace)] as const
    })
  const directories = new Map(await Promise.all(answers))
  const time = now()
  const lookups = createLookups(gathered)
  return workOf(targets, {
    certificates,
    requests,
    directoryOf: ({ metadata }) => directories.get(metadata.uid),
    failureOf: (certificate) =>
      certificate.status.lastFailureTime === undefined
        ? ''
        : failureText({ certificate, ...lookups.chain(certificate, null), now: time }),
    force,
    keepsSecrets,
    now: time,
  })
}
