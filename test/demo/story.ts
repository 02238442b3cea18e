import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { objectAt, textAt } from '../../shared/json/json.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { ROOT } from '../stack/build-all.ts'
import { lookingAt } from '../stack/looking-at.ts'
import type { Stack } from '../stack/stack.ts'
import { until } from '../stack/until.ts'
import { HELLO } from '../stack/with-tlsauto.ts'
import { keepColumns, lastColumn } from './columns.ts'
import { domainState, watchStatus } from './domain-status.ts'
import { fetchPage, type Page } from './fetch-page.ts'
import { kubectl } from './kubectl.ts'
import type { Narrator } from './narrator.ts'

/** Where the story plays. */
export type Scene = { readonly narrator: Narrator; readonly stack: Stack }

/** A step: it shows something, checks it, and gives the claim that held. */
type Step = { readonly title: string; readonly run: (scene: Scene) => Promise<string> }

const BLOG = 'blog.example.com'
const SHOP = 'shop.example.com'
const PLAIN_ROUTE = 'deploy/examples/plain-route.yaml'
const SHOP_ROUTE = 'test/demo/shop.yaml'
const MINUTE = 60_000

/** What the demo tells, in order. */
export const STORY: readonly Step[] = [
  { title: 'Apply a plain IngressRoute: no tls, no annotation', run: applyPlainRoute },
  { title: 'Watch it get its certificate', run: watchItIssued },
  { title: 'Read what tlsauto said on the route', run: readEvents },
  { title: 'Open the page over HTTPS, through Traefik', run: openBlog },
  { title: `Break the DNS of ${SHOP}, then apply a route for it`, run: breakShop },
  { title: 'Fix the DNS, and have it tried again now, not in an hour', run: recreateShop },
  { title: 'Open its page as well', run: openShop },
]

async function applyPlainRoute(scene: Scene): Promise<string> {
  const { narrator, stack } = scene
  const manifest = await readFile(join(ROOT, PLAIN_ROUTE), 'utf8')
  narrator.file(manifest.replace(/^#.*\n/, ''))
  await apply(scene, PLAIN_ROUTE)
  const at = { resource: RESOURCES.ingressRoutes, namespace: 'default', name: 'blog' }
  const stored = await stack.client.get(at)
  if (stored.kind !== 'found') throw new Error('the route was not stored')
  const secret = textAt(objectAt(objectAt(stored.object, 'spec'), 'tls'), 'secretName')
  if (secret === undefined) throw new Error('tlsauto did not add spec.tls.secretName to the route')
  return `tlsauto added one thing: spec.tls.secretName: ${secret}`
}

async function watchItIssued(scene: Scene): Promise<string> {
  const seen = await watchStatus(scene, { domain: BLOG, wanted: 'issued' })
  await requireState(scene, BLOG, 'issued')
  if (!seen.includes('pending')) throw new Error(`${BLOG} was never pending`)
  return `${BLOG} went from pending to issued`
}

async function readEvents({ narrator, stack }: Scene): Promise<string> {
  const args = ['events', '--for', 'ingressroute/blog']
  narrator.command(`kubectl ${args.join(' ')}`)
  const table = await until('the Event Issued on the route', async () => {
    const { stdout } = await kubectl(stack, args)
    return stdout.includes(' Issued ') ? stdout : undefined
  })
  const lines = keepColumns(table, ['TYPE', 'REASON', 'MESSAGE'])
  for (const line of lines) narrator.output(line, lastColumn(lines[0] ?? ''))
  return 'each step of its way is an Event on the route'
}

async function openBlog(scene: Scene): Promise<string> {
  await openPage(scene, BLOG)
  return "verified against the ACME server's root"
}

async function breakShop(scene: Scene): Promise<string> {
  const { narrator, stack } = scene
  narrator.note(`the name servers of ${SHOP} answer SERVFAIL from now on`)
  await stack.acme.dns.servfail(SHOP)
  await apply(scene, SHOP_ROUTE)
  await watchStatus(scene, { domain: SHOP, wanted: 'failed' })
  const { message, nextRetry } = await requireState(scene, SHOP, 'failed')
  if (!/resolve|DNS/.test(message)) throw new Error(`the status does not say why: ${message}`)
  const minutes = ((nextRetry?.getTime() ?? 0) - Date.now()) / MINUTE
  if (minutes < 55 || minutes > 60) throw new Error(`the next try is in ${minutes} minutes`)
  return `${SHOP} failed; the status says why, and that the next try is an hour away`
}

async function recreateShop(scene: Scene): Promise<string> {
  const { narrator, stack } = scene
  narrator.note(`the name servers of ${SHOP} answer again`)
  await stack.acme.dns.restore(SHOP)
  const args = ['tlsauto', 'recreate', SHOP, '--wait', ...lookingAt(stack)]
  narrator.command(`kubectl ${args.join(' ')}`)
  const { code, stderr } = await kubectl(stack, args, { onLine: (line) => narrator.output(line) })
  if (code !== 0) throw new Error(`recreate gave exit code ${String(code)}: ${stderr}`)
  await requireState(scene, SHOP, 'issued')
  return `${SHOP} is issued`
}

async function openShop(scene: Scene): Promise<string> {
  await openPage(scene, SHOP)
  const { narrator, stack } = scene
  narrator.command('kubectl tlsauto status')
  const { code } = await kubectl(stack, ['tlsauto', 'status'], {
    onLine: (line) => narrator.output(line),
  })
  if (code !== 0) throw new Error('a domain is failed')
  return "verified against the ACME server's root; both domains are issued"
}

async function apply({ narrator, stack }: Scene, file: string): Promise<void> {
  const args = ['apply', '-f', file]
  narrator.command(`kubectl ${args.join(' ')}`)
  const { code, stdout, stderr } = await kubectl(stack, args)
  for (const line of `${stderr}${stdout}`.trimEnd().split('\n')) narrator.output(line)
  if (code !== 0) throw new Error(`kubectl apply gave exit code ${String(code)}`)
}

async function requireState(scene: Scene, domain: string, state: string) {
  const status = await domainState(scene, domain)
  if (status.state === state) return status
  throw new Error(`${domain} is ${status.state}, not ${state}: ${status.message}`)
}

async function openPage({ narrator, stack }: Scene, domain: string): Promise<Page> {
  const { websecure: port, acme } = stack
  const look = async (): Promise<Page> => fetchPage({ domain, port, rootFile: acme.rootFile })
  // Traefik reads the new Secret a moment after it was written.
  const page = await until(`https://${domain}/ with a certificate that holds`, look, 15_000)
  if (page.text !== HELLO.text) throw new Error(`another page came: ${page.text}`)
  const days = Math.floor((page.expires.getTime() - Date.now()) / (24 * 60 * MINUTE))
  narrator.facts({
    address: `https://${domain}/`,
    page: page.text,
    subject: page.names,
    issuer: page.issuer,
    expires: `${page.expires.toISOString().slice(0, 10)}, in ${days} days`,
  })
  return page
}
