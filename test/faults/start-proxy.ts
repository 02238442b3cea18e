import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { makeServingCertificate } from '../../webhook/serving/certificate.ts'
import { kubeconfigText } from '../stack/files.ts'
import type { Stack } from '../stack/stack.ts'
import { install } from '../stack/tlsauto.ts'
import { proxyControl, type ProxyControl } from './proxy-control.ts'
import type { ProxyConfig } from './proxy.ts'
import type { SecondServer } from './upstreams.ts'
import { accessOf } from './client.ts'

/** A proxy, and the kubeconfig file that leads tlsauto's ServiceAccount through it. */
export type StartedProxy = { readonly proxy: ProxyControl; readonly kubeconfig: string }

/** Starts a proxy as a process of its own; with `ownLease`, whoever comes through it leads. */
export async function startProxy(
  stack: Stack,
  options: {
    readonly name: string
    readonly ownLease?: boolean
    /** Whether there shall be a second API server. */
    readonly second?: boolean
  },
): Promise<StartedProxy> {
  const { name, ownLease = false } = options
  const admin = await accessOf(stack.kubeconfig)
  const [port = 0, controlPort = 0] = await stack.ports(2)
  const made = await makeServingCertificate(['127.0.0.1'])
  const write = async (what: string, text: string): Promise<string> => {
    const path = join(stack.folder, `${name}.${what}`)
    await writeFile(path, text, { mode: 0o600 })
    return path
  }
  const config: ProxyConfig = {
    port,
    controlPort,
    upstream: admin.server,
    ca: admin.ca,
    cert: await write('crt', made.cert),
    key: await write('key', made.key),
    token: admin.token,
    ownLease,
    second: options.second === true ? await planSecond(stack) : undefined,
  }
  const running = await stack.processes.start(process.execPath, {
    name: `the ${name}`,
    args: [join(import.meta.dirname, 'proxy.ts'), JSON.stringify(config)],
    log: join(stack.folder, 'logs', `${name}.log`),
    env: { NODE_EXTRA_CA_CERTS: undefined },
  })
  await running.ready(async () => isListening(controlPort))
  if (config.second !== undefined) await startSecond(stack, config.second)
  const proxy = proxyControl(controlPort)
  await proxy.freezes(stack.etcd.pid)
  const ca = await write('ca.crt', made.ca)
  await install(stack)
  const { token } = await accessOf(await stack.serviceAccountKubeconfig('tlsauto', 'tlsauto'))
  const text = kubeconfigText({ server: `https://127.0.0.1:${port}`, ca, token })
  return {
    proxy,
    kubeconfig: await write('kubeconfig', text),
  }
}

/** Where a second API server will be, and how it will come to etcd. */
async function planSecond(stack: Stack): Promise<SecondServer> {
  const [port = 0, relayPort = 0] = await stack.ports(2)
  return { server: `https://127.0.0.1:${port}`, relayPort, etcdPort: stack.etcd.port }
}

/** Once the proxy's relay is there. */
async function startSecond(stack: Stack, { server, relayPort }: SecondServer): Promise<void> {
  await stack.anotherApiServer({ api: Number(new URL(server).port), etcd: relayPort })
}

async function isListening(port: number): Promise<true | undefined> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.destroy()
  return true
}
