import { clusterSettings, defaultTexts } from '../../shared/settings/flags.ts'
import { failureText } from '../../shared/status/status-words.ts'
import { acmeDirectories } from './acme-directory.ts'
import type { ClusterContext } from '../command-line/run-context.ts'
import type { Gathered } from '../gather/snapshot.ts'
import { createLookups } from '../gather/lookups.ts'
import { reissueJobs, type Deletes, type ReissueJobs } from './reissue-jobs.ts'
import { recreationPreview } from './recreation-preview.ts'
import type { Target } from './targets.ts'

/** Turns targets into work, with what their issuers say. */
export async function planReissue(
  input: {
    readonly targets: readonly Target[]
    readonly gathered: Gathered
    readonly force: boolean
    readonly deletes: Deletes
  },
  { client, now }: ClusterContext,
): Promise<ReissueJobs> {
  const { targets, gathered, force, deletes } = input
  const { certificates, requests } = gathered
  const names = new Set(targets.map(({ namespace, name }) => `${namespace}/${name}`))
  const ask = acmeDirectories(client)
  const meant = certificates.filter(({ metadata }) =>
    names.has(`${metadata.namespace}/${metadata.name}`),
  )
  const answers = meant.map(async ({ metadata, spec }) => {
    return [metadata.uid, await ask(spec.issuerRef, metadata.namespace)] as const
  })
  const deleted = new Set(meant.map(({ metadata }) => metadata.uid))
  // The server's flags are its own to know.
  const cluster = clusterSettings(defaultTexts())
  const directories = new Map(await Promise.all(answers))
  const time = now()
  const lookups = createLookups(gathered)
  return reissueJobs(targets, {
    certificates,
    requests,
    directoryOf: ({ metadata }) => directories.get(metadata.uid),
    failureOf: (certificate) =>
      certificate.status.lastFailureTime === undefined
        ? ''
        : failureText({ certificate, ...lookups.chain(certificate, null), now: time }),
    force,
    deletes,
    previewOf: (certificate) => recreationPreview(certificate, { gathered, cluster, deleted }),
    now: time,
  })
}
