import { clusterSettings } from '../../../shared/settings/flags.ts'
import { objectAt, type JsonObject } from '../../../shared/json/json.ts'
import { connectTo, type RunContext } from '../../command-line/run-context.ts'
import { asStored, planRoutes } from '../../plan/plan.ts'
import { planCluster } from '../../plan/plan-cluster.ts'
import { planDiff } from '../../printers/plan-diff.ts'
import { planText } from '../../printers/plan-text.ts'
import { structured } from '../../printers/structured.ts'
import { readManifests } from '../../plan/read-manifests.ts'
import { paint } from '../../command-line/terminal.ts'
import type { PlanFlags } from './usage.ts'

/** Prints what tlsauto would do to the routes in files (nothing when one of them can't be read), or
 * without files to those of the cluster, as if none were too old for it. */
export async function runPlan(command: PlanFlags, context: RunContext): Promise<number> {
  const { terminal } = context
  const cluster = clusterSettings(command.settings)
  const passedOver: string[] = []
  const plans =
    command.files.length > 0
      ? planRoutes(await objectsOfFiles(command.files, context), cluster)
      : await planCluster(await connectTo(command.cluster, context), command.cluster, {
          cluster,
          passOver: (object, error) => void passedOver.push(passedOverLine(object, error)),
        })
  const { output } = command
  if (output === 'text' || output === 'diff') {
    for (const line of PRINTERS[output](plans, terminal)) terminal.out(`${line}\n`)
  } else {
    terminal.out(structured({ items: plans.map(({ item }) => item) }, output))
  }
  for (const line of passedOver) terminal.error(`${paint(line, undefined)}\n`)
  return passedOver.length === 0 ? 0 : 1
}

/** One that met a bug, or has not the shape of a route: the others are told all the same. */
function passedOverLine(object: JsonObject, error: unknown): string {
  const { namespace, name } = objectAt(object, 'metadata')
  const at = [namespace, name].map((part) => (typeof part === 'string' ? part : '?')).join('/')
  return `error: ${at} is passed over: ${error instanceof Error ? error.message : 'it threw no error'}`
}

const PRINTERS = { text: planText, diff: planDiff } as const

async function objectsOfFiles(
  names: readonly string[],
  { readFile }: RunContext,
): Promise<readonly JsonObject[]> {
  const files = await Promise.all(
    names.map(async (name) => ({ name, text: await textOf(name, readFile) })),
  )
  return asStored(files.flatMap(readManifests))
}

async function textOf(name: string, readFile: RunContext['readFile']): Promise<string> {
  try {
    return await readFile(name)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`${name} cannot be read: ${why}`, { cause })
  }
}
