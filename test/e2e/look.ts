import type { Stack } from '../stack/stack.ts'
import { routeName } from './broken-cluster.ts'
import type { CauseRow, Verdict } from './cause-rows.ts'
import { itemsIn, kubectlTlsauto } from './plugin.ts'

/** What the commands said of one domain: in short, and in full for the golden file. */
export type Look = { readonly verdict: Verdict; readonly text: string }

const MINUTES_MS = 60_000

/** Long enough for what waits to be stuck. */
export function later(minutes: number): Readonly<Record<string, string>> {
  return { TLSAUTO_NOW: new Date(Date.now() + minutes * MINUTES_MS).toISOString() }
}

/** How each route's domain stands in ten minutes: state and cause, by `namespace/route`. */
export async function standings(
  stack: Stack,
): Promise<ReadonlyMap<string, { readonly state: string; readonly cause: string }>> {
  const args = ['status', '-A', '--all', '-o', 'json']
  const { stdout } = await kubectlTlsauto(stack, args, undefined, later(10))
  return new Map(
    itemsIn(stdout).map(({ namespace, route, state, cause }) => [
      `${String(namespace)}/${String(route)}`,
      { state: String(state), cause: typeof cause === 'string' ? cause : 'none' },
    ]),
  )
}

/** Looks at a row's domain with status and describe, ten minutes from now, and with doctor. */
export async function look(stack: Stack, row: CauseRow): Promise<Look> {
  const { domain, namespace = 'default' } = row
  const route = routeName(domain)
  const run = async (...args: readonly string[]): Promise<string> => {
    const { stdout, stderr } = await kubectlTlsauto(stack, args, undefined, later(10))
    return normalised(stdout + stderr, stack.web)
  }
  const status = await run('status', route, '--all', '-n', namespace)
  const json = await run('status', route, '--all', '-n', namespace, '-o', 'json')
  const describe = withoutEvents(await run('describe', route, '-n', namespace))
  const doctor = await doctorSays(stack, row)
  return {
    verdict: verdictOf({ json, describe, doctor }),
    text: [
      `# ${row.name}`,
      ...block(`status ${route}`, status),
      ...block(`describe ${route}`, describe),
      ...block(`doctor ${domain}`, doctor),
      '',
    ].join('\n'),
  }
}

function verdictOf(said: {
  readonly json: string
  readonly describe: string
  readonly doctor: string
}): Verdict {
  const [item = {}] = itemsIn(said.json)
  const { state, cause: told } = item
  const cause = /^ {2}Cause +(\w+): /m.exec(said.describe)?.[1] ?? 'none'
  const status = typeof told === 'string' ? told : 'none'
  return {
    state: String(state),
    ...(status === cause ? {} : { status }),
    cause,
    marked: /(\w+)\/\S+ +\S+ +<-- the cause/.exec(said.describe)?.[1] ?? 'nothing',
    doctor: firstWrong(said.doctor),
  }
}

/** Which Events there are, and in which order, is a matter of chance. */
function withoutEvents(description: string): string {
  return description.split('\n\n').slice(0, 2).join('\n\n')
}

/** What doctor finds wrong with a row's domain. */
export async function doctorSays(stack: Stack, row: CauseRow): Promise<string> {
  const { domain, namespace = 'default', doctorArgs = [] } = row
  const probes = [`--http-port=${stack.web}`, `--resolver=${stack.acme.dnsServer}`, '--timeout=1s']
  const args = ['doctor', domain, '-n', namespace, ...probes, ...doctorArgs]
  const { stdout, stderr } = await kubectlTlsauto(stack, args)
  return normalised(onlyWrong(stdout) + stderr, stack.web)
}

function block(command: string, text: string): readonly string[] {
  return [`$ kubectl tlsauto ${command}`, ...text.split('\n').filter((line) => line !== ''), '']
}

/** The first that is wrong, as `check: what`. */
export function firstWrong(text: string): string {
  const [, check, what] = /^WRONG +(\S+) +(.+)$/m.exec(text) ?? []
  return check === undefined || what === undefined ? 'nothing' : `${check}: ${what}`
}

/** What is wrong, with what shows it and what to do: most of the rest is the same every time. */
function onlyWrong(text: string): string {
  const blocks = text.split(/^(?=\S)/m)
  return blocks.filter((one) => one.startsWith('WRONG')).join('')
}

const AGE = /(?<![\w.-])\d+[smhd](?![\w-])/g

/** Without what differs from one run to the next: ages and times, ports, generated names, tokens, the columns
 * that are as wide as these, which of two words cert-manager has for a challenge that failed,
 * and when it notices that a certificate has expired. */
export function normalised(text: string, web: number): string {
  return text
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, 'TIME')
    .replaceAll(new RegExp(`:${web}\\b`, 'g'), ':PORT')
    .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT')
    .replaceAll(/(acme-challenge\/)[\w-]{20,}/g, '$1TOKEN')
    .replaceAll(/[\w-]{43}\.[\w-]{43}/g, 'TOKEN.KEY')
    .replaceAll(/cm-acme-http-solver-\w{5}/g, 'cm-acme-http-solver-XXXXX')
    .replaceAll(/(-\d+)-\d{6,}(-\d+)?/g, '$1-NUMBER')
    .replaceAll('<-- the cause: expired,', '<-- the cause: invalid,')
    .replaceAll(AGE, 'AGE')
    .replaceAll(/(?<=\S) {3,}/g, '  ')
    .replaceAll(/(\/cert-expired-\S+ {2}\S+ {2})not ready/g, '$1ready')
}
