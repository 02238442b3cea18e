import { readFile, writeFile } from 'node:fs/promises'
import { get } from 'node:https'
import { join } from 'node:path'
import { makeServingCertificate } from '../../webhook/serving/certificate.ts'
import type { Run } from './control-plane.ts'
import { challengeTestServerDns, type Dns } from './dns.ts'
import { startKnot, type Knot } from './knot.ts'

/** The ACME server: Pebble, with pebble-challtestsrv as its DNS. */
export type Acme = {
  readonly directory: string
  /** PEM file of the CA behind the directory's own HTTPS. */
  readonly serverCa: string
  /** PEM file of the root that its certificates chain to. */
  readonly rootFile: string
  readonly dns: Dns
  readonly dnsManagement: string
  /** Host and port of the DNS server that the ACME server asks. */
  readonly dnsServer: string
  /** What that is where a zone was asked for. */
  readonly knot: Knot | undefined
}

/** Starts both and fetches the root. Pebble asks for challenges on Traefik's web port. */
export async function startAcme(
  run: Run & {
    readonly web: number
    readonly websecure: number
    readonly ports: readonly number[]
    /** A zone for DNS-01; without it all names are pebble-challtestsrv's. */
    readonly zone?: string
    readonly dnsFront?: (upstream: string) => Promise<string>
    readonly profiles?: Readonly<Record<string, number>>
  },
): Promise<Acme> {
  const { built, folder, processes, web, websecure } = run
  const [listen = 0, management = 0, knotPort = 0, ...dnsPorts] = run.ports
  const dnsManagement = await startDns(run, dnsPorts)
  const { zone } = run
  const knot = zone === undefined ? undefined : await startKnot(run, { zone, port: knotPort })
  const upstream = knot?.address ?? `127.0.0.1:${dnsPorts[0]}`
  const dnsServer = await (run.dnsFront ?? sameAddress)(upstream)
  const made = await makeServingCertificate(['127.0.0.1'])
  const path = (name: string): string => join(folder, name)
  await writeFile(path('pebble.crt'), made.cert)
  await writeFile(path('pebble.key'), made.key, { mode: 0o600 })
  await writeFile(path('pebble-ca.crt'), made.ca)
  const config = {
    listenAddress: `127.0.0.1:${listen}`,
    managementListenAddress: `127.0.0.1:${management}`,
    certificate: path('pebble.crt'),
    privateKey: path('pebble.key'),
    httpPort: web,
    tlsPort: websecure,
    retryAfter: { authz: 1, order: 1 },
    profiles: profilesOf(run.profiles),
  }
  await writeFile(path('pebble.json'), JSON.stringify({ pebble: config }))
  const pebble = await processes.start(built.program('pebble'), {
    log: join(folder, 'logs', 'pebble.log'),
    args: ['-config', path('pebble.json'), '-dnsserver', dnsServer],
    env: { PEBBLE_VA_NOSLEEP: '1', PEBBLE_WFE_NONCEREJECT: '0', PEBBLE_AUTHZREUSE: '0' },
  })
  const rootUrl = `https://127.0.0.1:${management}/roots/0`
  const root = await pebble.ready(async () => fetchText(rootUrl, path('pebble-ca.crt')))
  await writeFile(path('acme-root.crt'), root)
  return {
    directory: `https://127.0.0.1:${listen}/dir`,
    serverCa: path('pebble-ca.crt'),
    rootFile: path('acme-root.crt'),
    dns: challengeTestServerDns(dnsManagement),
    dnsManagement,
    dnsServer,
    knot,
  }
}

async function sameAddress(address: string): Promise<string> {
  return address
}

const NINETY_DAYS = { default: 7_776_000 }

function profilesOf(seconds: Readonly<Record<string, number>> = NINETY_DAYS): object {
  const profiles = Object.entries(seconds).map(([name, validityPeriod]) => {
    return [name, { description: `${validityPeriod} seconds`, validityPeriod }] as const
  })
  return Object.fromEntries(profiles)
}

async function startDns(
  { built, folder, processes }: Run,
  [port = 0, management = 0]: readonly number[],
): Promise<string> {
  const address = `127.0.0.1:${management}`
  const dns = await processes.start(built.program('pebble-challtestsrv'), {
    log: join(folder, 'logs', 'pebble-challtestsrv.log'),
    args: [
      '-dnsserver',
      `127.0.0.1:${port}`,
      '-management',
      address,
      '-defaultIPv6=',
      '-http01=',
      '-https01=',
      '-tlsalpn01=',
      '-doh=',
    ],
  })
  const history = `http://${address}/dns-request-history`
  await dns.ready(async () => fetch(history, { method: 'POST', body: '{}' }))
  return `http://${address}`
}

async function fetchText(url: string, caFile: string): Promise<string> {
  const ca = await readFile(caFile)
  return new Promise((resolve, reject) => {
    get(url, { ca }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      answer.on('end', () => resolve(text))
    }).on('error', reject)
  })
}
