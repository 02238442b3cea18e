import { imageProgram } from '../stack/image-program.ts'
import { startStack } from '../stack/stack.ts'
import { startTlsauto } from '../stack/tlsauto.ts'
import { benchBlocking } from './admission-blocking.ts'
import { benchCreate } from './admission-create.ts'
import { benchHandler } from './admission-handler.ts'
import { benchMemory } from './admission-memory.ts'
import { benchThroughput } from './admission-throughput.ts'
import type { Measure } from './measure.ts'
import { startBareWebhook } from './start-bare.ts'

/** Admission: the decisions alone, the server, what it adds to a create, what hostile reviews cost the
 * others, and memory. The server is the one of the image, on a stack of its own. */
export async function benchAdmission(): Promise<readonly Measure[]> {
  const handler = benchHandler()
  const stack = await startStack()
  try {
    // They have nothing to do with it, and much to do with every Certificate.
    for (const other of [stack.certManager, stack.traefik]) other.kill('SIGSTOP')
    const tlsauto = await startTlsauto(stack, {
      ...(await imageProgram()),
      flags: ['--log-level=info'],
    })
    const bare = await startBareWebhook(stack)
    const input = { stack, tlsauto, bare }
    return [
      ...handler,
      ...(await benchCreate(input)),
      ...(await benchThroughput(input)),
      ...(await benchBlocking(input)),
      ...(await benchMemory(input)),
    ]
  } finally {
    await stack.stop()
  }
}
