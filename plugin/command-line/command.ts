import type { SettingsFlag } from '../../shared/settings/flags.ts'

/** Which cluster, and which part of it. */
export type ClusterFlags = {
  readonly kubeconfig: string | undefined
  readonly context: string | undefined
  readonly namespace: string | undefined
  readonly allNamespaces: boolean
  /** Milliseconds. */
  readonly requestTimeout: number
}

export type Output = 'table' | 'wide' | 'json' | 'yaml' | 'name'

/** Which Certificates are to be issued anew, and how carefully. */
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

/** Whom to ask about DNS, and where Traefik is. */
export type DnsFlags = Pick<ProbeFlags, 'address' | 'resolver' | 'timeout'>

/** How a command that looks from outside does it. */
export type ProbeFlags = {
  /** `HOST` or `HOST:PORT`. */
  readonly address: string | undefined
  readonly httpPort: number
  /** `IP` or `IP:PORT`. */
  readonly resolver: string | undefined
  /** Milliseconds. */
  readonly timeout: number
}

/** What the command line asks for. */
export type Command =
  | {
      readonly kind: 'status'
      readonly cluster: ClusterFlags
      readonly names: readonly string[]
      /** Of routes' labels. */
      readonly selector: string | undefined
      /** Only what needs a look, the worst first. */
      readonly problems: boolean
      /** Also what is left alone on purpose. */
      readonly all: boolean
      readonly output: Output
      readonly watch: boolean
      readonly headers: boolean
      /** undefined: DNS is not asked. */
      readonly dns: DnsFlags | undefined
    }
  | (ReissueFlags & {
      readonly kind: 'recreate'
      readonly failed: boolean
      readonly hard: boolean
      readonly deleteSecret: boolean
      /** How to see that a new try can work. */
      readonly probe: ProbeFlags
    })
  | (ReissueFlags & { readonly kind: 'renew' })
  | {
      readonly kind: 'wait'
      readonly cluster: ClusterFlags
      readonly names: readonly string[]
      /** Of routes' labels. */
      readonly selector: string | undefined
      readonly goal: 'issued' | 'failed'
      /** Milliseconds. */
      readonly timeout: number
    }
  | {
      readonly kind: 'issuer'
      readonly cluster: ClusterFlags
      /** None: all that are in use. */
      readonly names: readonly string[]
      readonly output: Output
      readonly headers: boolean
    }
  | {
      readonly kind: 'prune'
      readonly cluster: ClusterFlags
      /** Of Secrets' labels. */
      readonly selector: string | undefined
      readonly yes: boolean
      readonly output: Exclude<Output, 'wide'>
      readonly headers: boolean
    }
  | {
      readonly kind: 'describe'
      readonly cluster: ClusterFlags
      readonly name: string
      readonly output: 'text' | 'json' | 'yaml'
    }
  | {
      readonly kind: 'plan'
      readonly cluster: ClusterFlags
      /** None: the cluster's own routes. */
      readonly files: readonly string[]
      readonly output: 'text' | 'diff' | 'json' | 'yaml'
      readonly settings: Readonly<Record<SettingsFlag, string>>
    }
  | {
      readonly kind: 'version'
      readonly cluster: ClusterFlags
      /** The plugin's own. */
      readonly version: string
      /** Only the plugin's. */
      readonly client: boolean
      readonly output: 'text' | 'json' | 'yaml'
    }
  | {
      readonly kind: 'completion'
      readonly action: 'install' | 'script'
      /** Where to; undefined: beside the plugin. */
      readonly directory: string | undefined
    }
  /** What can follow these words; the last of them is not complete. */
  | { readonly kind: 'complete'; readonly words: readonly string[] }
  | {
      readonly kind: 'verify'
      readonly cluster: ClusterFlags
      readonly domain: string
      readonly probe: ProbeFlags
      /** A PEM file. */
      readonly ca: string | undefined
      readonly output: 'text' | 'json' | 'yaml'
    }
  | {
      readonly kind: 'doctor'
      readonly cluster: ClusterFlags
      /** undefined: the installation alone. */
      readonly domain: string | undefined
      readonly probe: ProbeFlags
      readonly output: 'text' | 'json' | 'yaml'
    }
  /** Text that answers at once: help, the version. */
  | { readonly kind: 'text'; readonly text: string }

/** Told the command that a command line asks for. */
export type Found = (command: Command) => void

/** Whether a command goes on until what it waits for comes, or until it is told to end. */
export function follows(command: Command): boolean {
  if (command.kind === 'status') return command.watch
  if (command.kind === 'recreate') return command.wait || command.hard
  if (command.kind === 'renew') return command.wait
  return command.kind === 'wait'
}
