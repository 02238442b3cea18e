import type { KubeClient } from '../shared/kube/kube-client.ts'
import type { ClusterFlags, Command } from './command.ts'
import type { Confirm } from './confirm.ts'
import type { Terminal } from './terminal.ts'

export type RunContext = {
  readonly terminal: Terminal
  readonly now: () => Date
  readonly readFile: (name: string) => Promise<string>
  readonly signal: AbortSignal
  /** Asks the user; undefined where nobody sits at a terminal. */
  readonly confirm?: Confirm | undefined
  /** The files that KUBECONFIG names. */
  readonly kubeconfigs?: readonly string[]
}

/** Runs a command and gives its exit code. What a command needs is imported with it: the client for
 * Kubernetes alone takes longer to load than help takes to print. */
export async function run(command: Command, context: RunContext): Promise<number> {
  switch (command.kind) {
    case 'text': {
      context.terminal.out(`${command.text}\n`)
      return 0
    }
    case 'plan': {
      const { runPlan } = await import('./commands/plan.ts')
      return runPlan(command, {
        ...context,
        client: async (flags) => clientFor(flags, context),
      })
    }
    case 'status': {
      const { runStatus } = await import('./commands/status.ts')
      return runStatus(command, { ...context, client: await clientFor(command.cluster, context) })
    }
    case 'recreate': {
      const { runRecreate } = await import('./commands/recreate.ts')
      return runRecreate(command, { ...context, client: await clientFor(command.cluster, context) })
    }
    case 'renew': {
      const { runRenew } = await import('./commands/renew.ts')
      return runRenew(command, { ...context, client: await clientFor(command.cluster, context) })
    }
    case 'wait': {
      const { runWait } = await import('./commands/wait.ts')
      return runWait(command, { ...context, client: await clientFor(command.cluster, context) })
    }
    case 'issuer': {
      const { runIssuer } = await import('./commands/issuer.ts')
      return runIssuer(command, { ...context, client: await clientFor(command.cluster, context) })
    }
    case 'prune': {
      const { runPrune } = await import('./commands/prune.ts')
      return runPrune(command, { ...context, client: await clientFor(command.cluster, context) })
    }
    default: {
      return command satisfies never
    }
  }
}

async function clientFor(flags: ClusterFlags, { kubeconfigs }: RunContext): Promise<KubeClient> {
  const { kubeClient } = await import('../shared/kube/client.ts')
  const { kubeconfig, context, requestTimeout } = flags
  return kubeClient({ kubeconfig, kubeconfigs, context, timeout: requestTimeout })
}
