import { clusterCommand, command, hiddenCommand, type Command } from '../command-line/command.ts'
import { completeUsage } from './complete/usage.ts'
import { completionUsage } from './completion/usage.ts'
import { describeUsage } from './describe/usage.ts'
import { doctorUsage } from './doctor/usage.ts'
import { issuerUsage } from './issuer/usage.ts'
import { planUsage } from './plan/usage.ts'
import { pruneUsage } from './prune/usage.ts'
import { recreateUsage } from './recreate/usage.ts'
import { renewUsage } from './renew/usage.ts'
import { statusUsage } from './status/usage.ts'
import { verifyUsage } from './verify/usage.ts'
import { versionUsage } from './version/usage.ts'
import { waitUsage } from './wait/usage.ts'

/** All commands, in the order of the help text. What runs one is imported when it is run. */
export const COMMANDS: readonly Command[] = [
  clusterCommand(statusUsage, async () => (await import('./status/run.ts')).runStatus),
  clusterCommand(describeUsage, async () => (await import('./describe/run.ts')).runDescribe),
  clusterCommand(recreateUsage, async () => (await import('./recreate/run.ts')).runRecreate),
  clusterCommand(renewUsage, async () => (await import('./renew/run.ts')).runRenew),
  clusterCommand(waitUsage, async () => (await import('./wait/run.ts')).runWait),
  clusterCommand(issuerUsage, async () => (await import('./issuer/run.ts')).runIssuer),
  clusterCommand(pruneUsage, async () => (await import('./prune/run.ts')).runPrune),
  clusterCommand(verifyUsage, async () => (await import('./verify/run.ts')).runVerify),
  clusterCommand(doctorUsage, async () => (await import('./doctor/run.ts')).runDoctor),
  command(planUsage, async () => (await import('./plan/run.ts')).runPlan),
  command(completionUsage, async () => (await import('./completion/run.ts')).runCompletion),
  command(versionUsage, async () => (await import('./version/run.ts')).runVersion),
  hiddenCommand(completeUsage, async () => (await import('./complete/run.ts')).runComplete),
]
