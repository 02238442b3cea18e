import type { ClusterContext } from '../command-line/run-context.ts'
import type { Result } from '../probe/check.ts'
import { obstaclesOf } from './obstacles.ts'
import type { ReissueJob, ReissueJobs } from './reissue-jobs.ts'
import type { Gathered } from '../gather/snapshot.ts'
import type { StatusItem } from '../status/report.ts'
import type { ProbeFlags } from '../command-line/probe-flags.ts'

/** Leaves out what could not work, which would cost a failure of the ACME server's few an hour. */
export async function withoutObstacles(
  work: ReissueJobs,
  input: {
    readonly probe?: ProbeFlags
    readonly gathered: Gathered
    readonly items: readonly StatusItem[]
  },
  { client, now }: ClusterContext,
): Promise<ReissueJobs> {
  const { probe, gathered, items } = input
  if (probe === undefined) return work
  const certificates = work.jobs.map(({ certificate }) => certificate)
  const about = { client, probe, gathered, items, now: now() }
  const obstacles = await obstaclesOf(certificates, about)
  const obstacleTo = ({ certificate }: ReissueJob) => obstacles.get(certificate.metadata.uid)
  return {
    jobs: work.jobs.filter((job) => obstacleTo(job) === undefined),
    refusals: [
      ...work.refusals,
      ...work.jobs.flatMap((job) => {
        const obstacle = obstacleTo(job)
        return obstacle === undefined ? [] : [refusalOf(job, obstacle)]
      }),
    ],
  }
}

function refusalOf({ certificate }: ReissueJob, { what, evidence, todo }: Result): string {
  return `${certificate.metadata.name} would fail again: ${what} (${evidence}); ${todo}; --force tries all the same`
}
