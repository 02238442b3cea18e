import { warns, wording } from '../../shared/findings/reasons.ts'
import type { Plan } from '../plan/plan.ts'
import { paint, type Terminal } from '../command-line/terminal.ts'

/** A plan for people: a block for each route. */
export function planText(
  plans: readonly Plan[],
  terminal: Pick<Terminal, 'interactive'>,
): readonly string[] {
  if (plans.length === 0) return ['no routes']
  const colour = terminal.interactive ? 'bold' : undefined
  return plans.flatMap((plan) => [
    paint(`${plan.item.kind} ${plan.item.namespace}/${plan.item.name}`, colour),
    ...details(plan).map((line) => `  ${paint(line, undefined)}`),
  ])
}

function details({ item, findings }: Plan): readonly string[] {
  const isUnmanaged = item.verdict === 'unmanaged'
  if (item.denial !== null) return [`denied: ${item.denial}`, ...item.warnings.map(warning)]
  return [
    ...(isUnmanaged ? findings.slice(0, 1).map((why) => `left alone: ${wording(why)}`) : []),
    ...item.certificates.map(
      ({ name, dnsNames, issuerRef }) =>
        `Certificate ${name} for ${dnsNames.join(', ')} from ${issuerRef.kind} ${issuerRef.name}`,
    ),
    ...item.patch.map(({ path }) => `adds ${path}`),
    ...(item.companion === null ? [] : [`plain HTTP goes on in the route ${item.companion}`]),
    ...findings
      .slice(isUnmanaged ? 1 : 0)
      .filter(warns)
      .map((finding) => warning(wording(finding))),
  ]
}

function warning(text: string): string {
  return `warning: ${text}`
}
