import type { ProbeFlags } from '../command-line/probe-flags.ts'
import type { ReissueFlags } from '../command-line/reissue-options.ts'
import type { ClusterContext } from '../command-line/run-context.ts'
import { controllerProblem, readControllerLease } from '../gather/server/controller-lease.ts'
import { placeWords, readServerPlace } from '../gather/server/server-place.ts'
import { follow } from './follow.ts'
import type { Gathered } from '../gather/snapshot.ts'
import { itemsBehind } from '../status/named-items.ts'
import { deleteCertificate } from './delete-certificate.ts'
import { triggerIssuance } from './trigger-issuance.ts'
import type { Deletes, ReissueJob } from './reissue-jobs.ts'
import { planReissue } from './plan-reissue.ts'
import { waitForRecreation } from './wait-for-recreation.ts'
import { withoutObstacles } from './without-obstacles.ts'
import type { StatusItem } from '../status/report.ts'
import type { Target } from './targets.ts'
import { paint } from '../command-line/terminal.ts'

/** What `recreate` or `renew` was asked to do, and what it was decided on. */
export type ReissueInput = {
  readonly targets: readonly Target[]
  readonly gathered: Gathered
  readonly items: readonly StatusItem[]
  readonly flags: ReissueFlags
  readonly deletes: Deletes
  /** How to see that a new issuance can work; undefined: nobody looks. */
  readonly probe?: ProbeFlags
}

/** Issues the targets again: says what is refused and what it costs, asks where that is due, acts, and
 * follows what comes of it. Gives the exit code: 0 when all was done, 1 when something was refused or has
 * failed, 2 when something could not be done. */
export async function runReissue(input: ReissueInput, context: ClusterContext): Promise<number> {
  const { targets, gathered, deletes, flags } = input
  const planned = await planReissue({ targets, gathered, force: flags.force, deletes }, context)
  const work = flags.force ? planned : await withoutObstacles(planned, input, context)
  for (const sentence of work.refusals) complain(sentence, context)
  for (const { warning } of work.jobs) if (warning !== undefined) complain(warning, context)
  const refused = work.refusals.length > 0 ? 1 : 0
  if (work.jobs.length === 0) return refused
  const objection = await whyNot(work.jobs, input, context)
  if (objection !== undefined) {
    complain(objection, context)
    return 1
  }
  if (!flags.dryRun) return Math.max(refused, await carryOut(work.jobs, input, context))
  tellPlan(work.jobs, input, context)
  return refused
}

/** What speaks against all of it: no controller, or the user. Throws where a Secret is to go that nobody can
 * be asked about. */
async function whyNot(
  jobs: readonly ReissueJob[],
  input: ReissueInput,
  context: ClusterContext,
): Promise<string | undefined> {
  const problem = await whyNotHard(input, context)
  if (problem !== undefined || input.flags.dryRun) return problem
  if (input.deletes === 'both' && !input.flags.yes && context.confirm === undefined) {
    throw new Error('nobody is here to ask whether a Secret may go; say --yes if it may')
  }
  return (await isAgreed(jobs, input, context)) ? undefined : 'nothing was done'
}

async function carryOut(
  jobs: readonly ReissueJob[],
  input: ReissueInput,
  context: ClusterContext,
): Promise<number> {
  const done = await act(jobs, input, context)
  const followed = done.length === 0 ? 0 : await see(done, input, context)
  return done.length < jobs.length ? 2 : followed
}

/** Who deletes a Certificate counts on the controller to make another. */
async function whyNotHard(
  { deletes, flags }: ReissueInput,
  { client, now }: ClusterContext,
): Promise<string | undefined> {
  if (deletes === 'nothing' || flags.force) return undefined
  const place = await readServerPlace(client)
  const lease = await readControllerLease(client, place)
  const problem = controllerProblem(lease, now())
  if (problem === undefined) return undefined
  const where = lease.kind === 'missing' ? ` (looked for in ${placeWords(place)})` : ''
  return `tlsauto would not create the Certificate again: ${problem}${where}; fix that, or leave out --hard (--force deletes it all the same)`
}

/** Asks on a terminal before more than one, and before a Secret goes that is being served. */
async function isAgreed(
  jobs: readonly ReissueJob[],
  input: ReissueInput,
  context: ClusterContext,
): Promise<boolean> {
  const { flags, deletes } = input
  const { confirm } = context
  if (flags.yes || confirm === undefined || (jobs.length < 2 && deletes !== 'both')) return true
  tellPlan(jobs, input, context)
  return confirm(jobs.length === 1 ? 'Go on?' : `Go on with all ${jobs.length}?`)
}

function tellPlan(
  jobs: readonly ReissueJob[],
  { deletes, flags }: ReissueInput,
  { terminal }: ClusterContext,
): void {
  for (const job of jobs) terminal.out(line(job, WOULD[deletes], flags))
}

/** Gives those that were done: one that can't be is told, and keeps nobody back. */
async function act(
  jobs: readonly ReissueJob[],
  { flags, deletes }: ReissueInput,
  context: ClusterContext,
): Promise<readonly ReissueJob[]> {
  const { client, terminal, now } = context
  const done: ReissueJob[] = []
  for (const job of jobs) {
    const { namespace, name } = job.certificate.metadata
    try {
      if (deletes === 'nothing')
        await triggerIssuance({ namespace, name, force: flags.force }, { client, now })
      else await deleteCertificate(client, job.certificate, { withSecret: deletes === 'both' })
      terminal.out(line(job, IS[deletes], flags))
      done.push(job)
    } catch (error) {
      complain(`error: ${name}: ${error instanceof Error ? error.message : String(error)}`, context)
    }
  }
  return done
}

async function see(
  jobs: readonly ReissueJob[],
  { items, flags, deletes }: ReissueInput,
  context: ClusterContext,
): Promise<0 | 1> {
  const { timeout } = flags
  const namespace = commonNamespace(jobs)
  const choose = itemsBehind(
    jobs.map(({ certificate }) => certificate.metadata),
    items,
  )
  if (deletes !== 'nothing') {
    const deleted = new Set(jobs.map(({ certificate }) => certificate.metadata.uid))
    if (!(await waitForRecreation({ namespace, deleted, timeout, choose }, context))) {
      complain(
        'tlsauto has not created it again; kubectl tlsauto status shows how it stands',
        context,
      )
      return 1
    }
  }
  return flags.wait ? follow({ namespace, goal: 'reissued', timeout, choose }, context) : 0
}

const IS = {
  nothing: 'is being issued again',
  certificate: 'deleted',
  both: 'deleted, with its Secret',
} as const

const WOULD = {
  nothing: 'would be issued again',
  certificate: 'would be deleted, for tlsauto to create it again',
  both: 'would be deleted with its Secret, for tlsauto to create it again',
} as const

function line({ certificate, cost }: ReissueJob, what: string, { dryRun }: ReissueFlags): string {
  const { name } = certificate.metadata
  const notes = [...(cost === '' ? [] : [cost]), ...(dryRun ? ['dry run'] : [])]
  const inBrackets = notes.length === 0 ? '' : ` (${notes.join('; ')})`
  return `certificate.cert-manager.io/${paint(name, undefined)} ${what}${inBrackets}\n`
}

function complain(sentence: string, { terminal }: ClusterContext): void {
  terminal.error(`${paint(sentence, undefined)}\n`)
}

function commonNamespace(jobs: readonly ReissueJob[]): string | undefined {
  const namespaces = new Set(jobs.map(({ certificate }) => certificate.metadata.namespace))
  return namespaces.size === 1 ? [...namespaces][0] : undefined
}
