import type { Argv } from 'yargs'
import { milliseconds } from './duration.ts'
import {
  clusterFlags,
  clusterOptions,
  ONCE,
  SELECTOR,
  SWITCH,
  type ClusterFlags,
} from './options.ts'

/** Which Certificates are to be issued again, and how carefully. */
export type ReissueFlags = {
  readonly cluster: ClusterFlags
  readonly names: readonly string[]
  /** Of routes' labels. */
  readonly selector: string | undefined
  readonly dryRun: boolean
  /** Whether to ask nothing. */
  readonly yes: boolean
  readonly force: boolean
  readonly wait: boolean
  /** Milliseconds. */
  readonly timeout: number
}

/** The names and options that `recreate` and `renew` have in common. */
export function reissueOptions(command: Argv) {
  return clusterOptions(command)
    .positional('names', {
      type: 'string',
      array: true,
      describe: 'Certificates, routes or domains',
    })
    .option('selector', { ...SELECTOR, describe: 'only routes with these labels' })
    .option('dry-run', { ...SWITCH, describe: 'only say what would be done' })
    .option('yes', { ...SWITCH, alias: 'y', describe: 'ask no questions' })
    .option('force', { ...SWITCH, describe: 'also where it would be refused as useless' })
    .option('wait', { ...SWITCH, describe: 'until it is issued, or has failed again' })
    .option('timeout', { ...ONCE, default: '5m', describe: 'how long --wait waits' })
}

/** What they say. */
export function reissueFlags(
  args: Parameters<typeof clusterFlags>[0] & {
    readonly names: readonly string[] | undefined
    readonly selector: string | undefined
    readonly 'dry-run': boolean
    readonly yes: boolean
    readonly force: boolean
    readonly wait: boolean
    readonly timeout: string | undefined
  },
): ReissueFlags {
  return {
    cluster: clusterFlags(args),
    names: args.names ?? [],
    selector: args.selector || undefined,
    dryRun: args['dry-run'],
    yes: args.yes,
    force: args.force,
    wait: args.wait,
    timeout: milliseconds(args.timeout, 'timeout'),
  }
}
