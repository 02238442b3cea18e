import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { isJsonObject, listAt, objectAt, textAt, type JsonObject } from '../../shared/json/json.ts'
import { faultText, type Fault } from './fault.ts'
import type { LoggedWrite } from './write-history.ts'

/** What the proxy has seen. */
export type ProxyState = {
  /** How many faults have not struck yet. */
  readonly pending: number
  /** The writes asked for, of all namespaces. */
  readonly writes: readonly LoggedWrite[]
  /** How many writes there have been. */
  readonly total: number
  /** How many are not answered yet. */
  readonly underWay: number
  /** What has passed in the armed namespace since it was armed. */
  readonly passed: { readonly write: number; readonly event: number }
}

/** The proxy as its user holds it. */
export type ProxyControl = {
  /** Tells whom to kill. */
  aim(pid: number): Promise<void>
  /** Tells where etcd is. */
  freezes(etcd: number): Promise<void>
  /** Begins a plan; lists as they are now are the old ones. */
  arm(namespace: string, faults: readonly Fault[]): Promise<ProxyState>
  /** The state, with the writes from number `since` on; without one, with none. */
  look(since?: number): Promise<ProxyState>
}

/** Controls the proxy that listens for it on that port. */
export function proxyControl(port: number): ProxyControl {
  const tell = async (order: JsonObject): Promise<ProxyState> => {
    const answer = await new Promise<string>((resolve, reject) => {
      const outgoing = request({ host: '127.0.0.1', port, method: 'POST' })
      outgoing.on('response', (incoming) => resolve(text(incoming))).on('error', reject)
      outgoing.end(JSON.stringify(order))
    })
    return readState(JSON.parse(answer))
  }
  return {
    aim: async (pid) => {
      await tell({ pid })
    },
    freezes: async (etcd) => {
      await tell({ etcd })
    },
    arm: async (namespace, faults) => tell({ namespace, faults: faults.map(faultText) }),
    look: async (since) => tell(since === undefined ? {} : { since }),
  }
}

function readState(value: unknown): ProxyState {
  if (!isJsonObject(value)) throw new Error('the proxy gave no state')
  const passed = objectAt(value, 'passed')
  return {
    pending: Number(value['pending']),
    writes: listAt(value, 'writes').filter(isJsonObject).map(readLogged),
    total: Number(value['total']),
    underWay: Number(value['underWay']),
    passed: { write: Number(passed['write']), event: Number(passed['event']) },
  }
}

function readLogged(value: JsonObject): LoggedWrite {
  const namespace = textAt(value, 'namespace') ?? ''
  return { namespace, what: textAt(value, 'what') ?? '', changed: value['changed'] === true }
}
