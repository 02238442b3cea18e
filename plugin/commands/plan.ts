import { clusterSettings } from '../../shared/flags.ts'
import type { Command } from '../command.ts'
import { planRoutes } from '../plan.ts'
import { planText } from '../printers/plan-text.ts'
import { structured } from '../printers/structured.ts'
import { readManifests } from '../read-manifests.ts'
import type { Terminal } from '../terminal.ts'

export type PlanContext = {
  readonly terminal: Terminal
  /** A file's text; `-` is standard input. */
  readonly readFile: (name: string) => Promise<string>
}

/** Prints what tlsauto would do to the routes in files; nothing when one of them can't be read. */
export async function runPlan(
  command: Extract<Command, { kind: 'plan' }>,
  { terminal, readFile }: PlanContext,
): Promise<number> {
  const files = await Promise.all(
    command.files.map(async (name) => ({ name, text: await textOf(name, readFile) })),
  )
  const plans = planRoutes(files.flatMap(readManifests), clusterSettings(command.settings))
  if (command.output === 'text') {
    for (const line of planText(plans, terminal)) terminal.out(`${line}\n`)
  } else {
    terminal.out(structured({ items: plans.map(({ item }) => item) }, command.output))
  }
  return 0
}

async function textOf(name: string, readFile: PlanContext['readFile']): Promise<string> {
  try {
    return await readFile(name)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`${name} cannot be read: ${why}`, { cause })
  }
}
