import { readFileSync } from 'node:fs'
import {
  createServer as createPlainServer,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import { createServer } from 'node:https'
import { text } from 'node:stream/consumers'
import { isJsonObject, listAt, textAt, type JsonObject } from '../../shared/json/json.ts'
import { reply } from './answer.ts'
import { needsSecond, parseFault } from './fault.ts'
import { createOwnLease } from './own-lease.ts'
import { pass, type Passage } from './passage.ts'
import { createScript } from './script.ts'
import { createUpstreams, type SecondServer } from './upstreams.ts'

/** What the proxy's process is told, in JSON, as its only argument. */
export type ProxyConfig = {
  readonly port: number
  readonly controlPort: number
  readonly upstream: string
  /** PEM files: the API server's CA, and our own certificate. */
  readonly ca: string
  readonly cert: string
  readonly key: string
  /** Of a user who may read everything. */
  readonly token: string
  /** Whether it keeps a Lease of its own for who comes through it. */
  readonly ownLease: boolean
  /** A second API server, and the port where it finds etcd by way of the proxy. */
  readonly second: SecondServer | undefined
}

if (import.meta.main) {
  const [, , argument = '{}'] = process.argv
  const config: unknown = JSON.parse(argument)
  if (!isJsonObject(config)) throw new Error('no configuration')
  await startProxy(parseConfig(config))
}

/** Stands between tlsauto and the API server until the process ends. Told what to do over a port of its own
 * (`proxy-control.ts`). */
async function startProxy(config: ProxyConfig): Promise<void> {
  const { port, controlPort, cert, key, ownLease } = config
  let pid: number | undefined
  let etcd: number | undefined
  const watches = new Set<ServerResponse>()
  const upstreams = await createUpstreams({ ...config, ca: readFileSync(config.ca), watches })
  const passage: Passage = {
    upstream: upstreams.upstream,
    goElsewhere: upstreams.goElsewhere,
    watches,
    script: createScript(),
    writes: [],
    underWay: new Set(),
    lists: new Map(),
    lease: ownLease ? createOwnLease() : undefined,
    pause: () => holdStill(pid, PAUSE_MS),
    freeze: () => holdStill(etcd, FREEZE_MS),
    kill: () => {
      if (pid !== undefined) process.kill(pid, 'SIGKILL')
      pid = undefined
    },
  }
  createServer({ cert: readFileSync(cert), key: readFileSync(key) }, (incoming, out) => {
    void pass(passage, incoming, out).catch((error: unknown) => {
      process.stderr.write(`${String(error)}\n`)
      out.destroy()
    })
  }).listen(port, '127.0.0.1')

  const control = async (incoming: IncomingMessage): Promise<JsonObject> => {
    const told: unknown = JSON.parse(await text(incoming))
    if (!isJsonObject(told)) throw new Error('no object')
    if (typeof told['pid'] === 'number') pid = told['pid']
    if (typeof told['etcd'] === 'number') etcd = told['etcd']
    if (await arm(passage, told)) upstreams.arm(passage.script.pending().some(needsSecond))
    return stateOf(passage, told['since'])
  }
  createPlainServer((incoming, out) => {
    void control(incoming).then(
      (state) => reply(out, { status: 200, type: undefined, body: JSON.stringify(state) }),
      (error: unknown) => reply(out, { status: 400, type: 'text/plain', body: String(error) }),
    )
  }).listen(controlPort, '127.0.0.1')
}

/** Longer than the Lease. */
const PAUSE_MS = 4000
const FREEZE_MS = 1500

function holdStill(pid: number | undefined, milliseconds: number): void {
  if (pid === undefined) return
  process.kill(pid, 'SIGSTOP')
  setTimeout(() => {
    try {
      process.kill(pid, 'SIGCONT')
    } catch {
      // It was killed meanwhile.
    }
  }, milliseconds)
}

/** Begins a plan where one is told: what is listed now are the old lists. Gives whether it did. */
async function arm({ upstream, script, lists }: Passage, told: JsonObject): Promise<boolean> {
  const namespace = textAt(told, 'namespace')
  if (namespace === undefined) return false
  for (const url of lists.keys()) lists.set(url, (await upstream.read(url)).body)
  script.arm(namespace, listAt(told, 'faults').map(String).map(parseFault))
  return true
}

function stateOf({ script, writes, underWay }: Passage, since: unknown): JsonObject {
  return {
    pending: script.pending().length,
    writes: writes.slice(typeof since === 'number' ? since : writes.length),
    total: writes.length,
    underWay: underWay.size,
    passed: { write: script.passed('write'), event: script.passed('event') },
  }
}

function parseConfig(config: JsonObject): ProxyConfig {
  const text = (key: string): string => textAt(config, key) ?? ''
  return {
    port: Number(config['port']),
    controlPort: Number(config['controlPort']),
    upstream: text('upstream'),
    ca: text('ca'),
    cert: text('cert'),
    key: text('key'),
    token: text('token'),
    ownLease: config['ownLease'] === true,
    second: isJsonObject(config['second']) ? parseSecond(config['second']) : undefined,
  }
}

function parseSecond(second: JsonObject): SecondServer {
  return {
    server: textAt(second, 'server') ?? '',
    relayPort: Number(second['relayPort']),
    etcdPort: Number(second['etcdPort']),
  }
}
