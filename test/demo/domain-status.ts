import { isJsonObject, listAt, textAt } from '../../shared/json/json.ts'
import { alignTo, cellsOf, lastColumn } from './columns.ts'
import { kubectl } from './kubectl.ts'
import type { Scene } from './story.ts'

/** What the demo checks of `kubectl tlsauto status DOMAIN -o json`. */
export type DomainState = {
  readonly state: string
  readonly reason: string
  readonly message: string
  readonly nextRetry: Date | undefined
}

const LONGEST_MS = 60_000

/** Shows `kubectl tlsauto status DOMAIN --watch` until the domain has a state: a line for each change
 * of the STATUS column. Gives the states that were seen. */
export async function watchStatus(
  { narrator, stack }: Scene,
  { domain, wanted }: { readonly domain: string; readonly wanted: string },
): Promise<readonly string[]> {
  const args = ['tlsauto', 'status', domain, '--watch']
  narrator.command(`kubectl ${args.join(' ')}`)
  const seen: string[] = []
  const enough = new AbortController()
  const signal = AbortSignal.any([enough.signal, AbortSignal.timeout(LONGEST_MS)])
  const heads: string[] = []
  const onLine = (line: string): void => {
    if (line.startsWith('ROUTE ')) return void heads.push(line)
    const [first = '', current = first] = [heads[0], heads.at(-1)]
    const cells = cellsOf(current, line)
    const state = cells[cellsOf(current, current).indexOf('STATUS')] ?? ''
    // cert-manager says Ready a moment before it says that it is no longer issuing.
    if (state === seen.at(-1) || state === 'issued (renewing)') return
    if (seen.length === 0) narrator.output(first)
    narrator.output(alignTo(first, cells), lastColumn(first))
    seen.push(state)
    if (state === wanted) enough.abort()
  }
  const { stderr } = await kubectl(stack, args, { onLine, signal })
  if (enough.signal.aborted) return seen
  throw new Error(`${domain} is not ${wanted}: ${stderr}${seen.join(', then ')}`)
}

/** The same for a program. */
export async function domainState({ stack }: Scene, domain: string): Promise<DomainState> {
  const { stdout, stderr } = await kubectl(stack, ['tlsauto', 'status', domain, '-o', 'json'])
  if (stdout === '') throw new Error(`no status of ${domain}: ${stderr}`)
  const value: unknown = JSON.parse(stdout)
  const [item] = isJsonObject(value) ? listAt(value, 'items').filter(isJsonObject) : []
  if (item === undefined) throw new Error(`${domain} has no status`)
  const nextRetry = textAt(item, 'nextRetry')
  return {
    state: textAt(item, 'state') ?? '',
    reason: textAt(item, 'reason') ?? '',
    message: textAt(item, 'message') ?? '',
    nextRetry: nextRetry === undefined ? undefined : new Date(nextRetry),
  }
}
