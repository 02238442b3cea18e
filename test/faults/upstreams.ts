import type { ServerResponse } from 'node:http'
import { startRelay } from '../stack/relay.ts'
import { createUpstream, type Upstream } from './upstream.ts'

/** An API server that finds etcd by way of a relay, which can be held up. */
export type SecondServer = {
  readonly server: string
  readonly relayPort: number
  readonly etcdPort: number
}

/** One upstream, that is one API server or the other. */
export type Upstreams = {
  readonly upstream: Upstream
  /** Back to the first one; from now on, where it will be needed, the second one hears of nothing. */
  arm(needsSecond: boolean): void
  /** Over to the second one, as when a load balancer loses the first: every watch ends. It hears of what
   * has happened only after a while. */
  goElsewhere(): void
}

const BEHIND_MS = 1500

/** Connects to one API server, or to two. */
export async function createUpstreams(to: {
  readonly upstream: string
  readonly second: SecondServer | undefined
  readonly ca: Buffer
  readonly token: string
  readonly watches: ReadonlySet<ServerResponse>
}): Promise<Upstreams> {
  const { second, ca, token, watches } = to
  const first = createUpstream({ server: to.upstream, ca, token })
  if (second === undefined) {
    return { upstream: first, arm: () => undefined, goElsewhere: () => undefined }
  }
  const { server, relayPort, etcdPort } = second
  const relay = await startRelay(relayPort, () => etcdPort)
  const other = createUpstream({ server, ca, token })
  let current = first
  let catchingUp: NodeJS.Timeout | undefined
  const go = (next: Upstream): void => {
    if (current === next) return
    current = next
    for (const one of watches) one.destroy()
  }
  return {
    // What the proxy asks on its own account is always the first one's word.
    upstream: { ...first, send: async (forward) => current.send(forward) },
    arm: (needsSecond) => {
      clearTimeout(catchingUp)
      go(first)
      if (needsSecond) relay.hold()
      else relay.release()
    },
    goElsewhere: () => {
      go(other)
      catchingUp = setTimeout(relay.release, BEHIND_MS)
    },
  }
}
