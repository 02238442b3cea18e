import { wording } from '../../shared/findings/reasons.ts'
import type { PlanItem } from '../plan.ts'
import { paint, type Terminal } from '../terminal.ts'

/** A plan for people: a block for each route. */
export function planText(
  items: readonly PlanItem[],
  terminal: Pick<Terminal, 'interactive'>,
): readonly string[] {
  if (items.length === 0) return ['no IngressRoutes in there']
  return items.flatMap((item) => [
    paint(`${item.kind} ${item.namespace}/${item.name}`, terminal.interactive ? 'bold' : undefined),
    ...details(item).map((line) => `  ${paint(line, undefined)}`),
  ])
}

function details(item: PlanItem): readonly string[] {
  const { reason, certificates, patch, warnings } = item
  const secret = certificates.length === 0 ? [] : patch.map(({ path }) => `adds ${path}`)
  return [
    ...(reason === null ? [] : [`left alone: ${wordsOf(item)}`]),
    ...certificates.map(
      ({ name, dnsNames, issuerRef }) =>
        `Certificate ${name} for ${dnsNames.join(', ')} from ${issuerRef.kind} ${issuerRef.name}`,
    ),
    ...secret,
    ...(reason === null ? warnings.map((warning) => `warning: ${warning}`) : []),
  ]
}

function wordsOf({ reason, warnings }: PlanItem): string {
  if (warnings[0] !== undefined) return warnings[0]
  return reason === null ? '' : wording({ reason, path: '', about: '' })
}
