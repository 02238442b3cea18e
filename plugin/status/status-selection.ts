import { isChoice } from '../../shared/findings/reasons.ts'
import { compare } from '../../shared/kube/object.ts'
import { severity } from './exit-code.ts'
import { ofRoutes } from './named-items.ts'
import type { StatusItem } from './report.ts'

/** What `status` shows, and what else there is. */
export type Selection = {
  readonly shown: readonly StatusItem[]
  readonly others: readonly StatusItem[]
}

/** Chooses what `status` shows: what is named and labelled so; not what is left alone on purpose, unless it is
 * named or all is asked for; or only what needs a look, the worst first. Throws where a name means
 * nothing. */
export function selectItems(
  items: readonly StatusItem[],
  wanted: {
    readonly names: readonly string[]
    /** Keys of routes; undefined: any. */
    readonly routes: ReadonlySet<string> | undefined
    readonly problems: boolean
    readonly all: boolean
  },
): Selection {
  const { names, problems, all } = wanted
  const meant = named(ofRoutes(items, wanted.routes), names)
  const seen = all || names.length > 0 ? meant : meant.filter((item) => !isLeftAlone(item))
  const shown = problems ? worstFirst(seen) : seen
  const chosen = new Set(shown)
  return { shown, others: meant.filter((item) => !chosen.has(item)) }
}

function named(items: readonly StatusItem[], names: readonly string[]): readonly StatusItem[] {
  const missing = names.find((name) => !items.some((item) => isNamed(item, name)))
  if (missing !== undefined) {
    throw new Error(`no route or domain is called ${missing} here; try -A, or -n NAMESPACE`)
  }
  if (names.length === 0) return items
  return items.filter((item) => names.some((name) => isNamed(item, name)))
}

function isNamed(item: StatusItem, name: string): boolean {
  return item.route === name || item.domain === name.toLowerCase()
}

/** On purpose: what a mistake keeps from its certificate is always shown. */
function isLeftAlone({ state, reason }: StatusItem): boolean {
  return state === 'unmanaged' && isChoice(reason ?? '')
}

/** Of those that stand alike, the one whose certificate ends first. */
function worstFirst(items: readonly StatusItem[]): readonly StatusItem[] {
  return items
    .filter(({ state }) => severity(state) > 0)
    .toSorted(
      (a, b) =>
        severity(b.state) - severity(a.state) || compare(a.notAfter ?? '', b.notAfter ?? ''),
    )
}
