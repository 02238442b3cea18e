import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ensureBuilt } from './build.ts'
import type { Stack } from './stack.ts'

/** Gives the function that runs helm as the stack's admin, with all that it writes in the run's folder.
 * Builds it when the cache lacks it. Throws with its stderr. */
export async function helmRunner(
  stack: Stack,
): Promise<(args: readonly string[]) => Promise<void>> {
  const built = await ensureBuilt({ env: process.env, report: () => undefined, only: ['helm'] })
  const env = {
    ...process.env,
    KUBECONFIG: stack.kubeconfig,
    HELM_CACHE_HOME: join(stack.folder, 'helm', 'cache'),
    HELM_CONFIG_HOME: join(stack.folder, 'helm', 'config'),
    HELM_DATA_HOME: join(stack.folder, 'helm', 'data'),
  }
  return async (args) => {
    await promisify(execFile)(built.program('helm'), [...args], { env })
  }
}
