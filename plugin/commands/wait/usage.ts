import type { Argv } from 'yargs'
import { milliseconds } from '../../command-line/duration.ts'
import { UsageError } from '../../command-line/usage-error.ts'
import {
  clusterFlags,
  clusterOptions,
  type ClusterFlags,
  ONCE,
  SELECTOR,
} from '../../command-line/options.ts'
import type { Usage } from '../../command-line/usage.ts'

export type WaitFlags = {
  readonly cluster: ClusterFlags
  readonly names: readonly string[]
  /** Of routes' labels. */
  readonly selector: string | undefined
  readonly goal: 'issued' | 'failed'
  /** Milliseconds. */
  readonly timeout: number
}

const GOALS = ['issued', 'failed'] as const

/** How `wait` is called. */
export const waitUsage: Usage<WaitFlags> = {
  name: 'wait',
  names: ['certificates', 'routes', 'domains'],
  follows: () => true,
  declare,
}

function declare(parser: Argv, found: (flags: WaitFlags) => void): void {
  parser.command(
    'wait [names..]',
    'wait until domains are issued, for CI: exit code 1 when one has failed, or at the timeout',
    (command) =>
      clusterOptions(command)
        .positional('names', {
          type: 'string',
          array: true,
          describe: 'Certificates, routes or domains',
        })
        .option('selector', { ...SELECTOR, describe: 'only routes with these labels' })
        .option('for', {
          ...ONCE,
          choices: GOALS,
          default: 'issued',
          describe: 'what to wait for',
        })
        .option('timeout', { ...ONCE, default: '5m', describe: 'how long; 0 looks once' })
        .example('$0 wait shop', 'every domain of a route, after it was applied')
        .example('$0 wait shop.example.com --timeout 10m', 'one domain'),
    (args) => {
      const { names = [], for: goal } = args
      const selector = args.selector || undefined
      if (names.length === 0 && selector === undefined) {
        throw new UsageError('wait for what? name a route or domain, or say -l LABELS')
      }
      found({
        cluster: clusterFlags(args),
        names,
        selector,
        goal: GOALS.find((one) => one === goal) ?? 'issued',
        timeout: milliseconds(args.timeout, 'timeout'),
      })
    },
  )
}
