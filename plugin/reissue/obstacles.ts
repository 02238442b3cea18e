import type { Certificate } from '../../shared/certmanager/certificate.ts'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import type { ProbeFlags } from '../command-line/probe-flags.ts'
import { domainFacts, type About } from '../doctor/domain-facts.ts'
import { obstacleIn } from '../doctor/obstacle.ts'
import { readServerFlags } from '../gather/server/read-server-flags.ts'
import type { Result } from '../probe/check.ts'
import { readProbeOptions } from '../probe/probe-options.ts'
import type { Gathered } from '../gather/snapshot.ts'
import { itemsBehind } from '../status/named-items.ts'
import { rememberingClient } from '../gather/remembering-client.ts'
import { gatherDomainClaims } from '../gather/domain-claims.ts'
import type { StatusItem } from '../status/report.ts'

const AT_ONCE = 16

/** What stands in the way of a new issuance of those Certificates: the first cause that doctor would name, by
 * the Certificate's uid. */
export async function obstaclesOf(
  certificates: readonly Certificate[],
  about: {
    readonly client: KubeClient
    readonly probe: ProbeFlags
    readonly gathered: Gathered
    readonly items: readonly StatusItem[]
    readonly now: Date
  },
): Promise<ReadonlyMap<string, Result>> {
  const { gathered, items, now } = about
  const client = rememberingClient(about.client)
  const options = readProbeOptions(about.probe)
  const { settings } = (await readServerFlags(client)).flags
  const claims = await gatherDomainClaims(client)
  const obstacles = new Map<string, Result>()
  const look = async ({ metadata }: Certificate): Promise<void> => {
    for (const item of itemsBehind([metadata], items)(items)) {
      const asked: About = { item, gathered, claims, settings, now, issuance: 'next' }
      const obstacle = obstacleIn(await domainFacts(client, options, asked))
      if (obstacle === undefined) continue
      obstacles.set(metadata.uid, obstacle)
      return
    }
  }
  const left = certificates.values()
  const work = async (): Promise<void> => {
    for (const certificate of left) await look(certificate)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return obstacles
}
