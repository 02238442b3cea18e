import { applyIssuer } from './issuer.ts'
import { startStack, type Stack, type StackOptions } from './stack.ts'
import { startTlsauto, type Tlsauto } from './tlsauto.ts'

/** The Service that the examples route to, in namespace `default`. */
export const HELLO = { namespace: 'default', name: 'hello', text: 'Hello from tlsauto' } as const

export type StackWithTlsauto = { readonly stack: Stack; readonly tlsauto: Tlsauto }

/** A cluster on which the examples work: issuer, tlsauto and the Service `hello`. When any of it
 * fails, nothing of it is left. */
export async function startWithTlsauto(options: StackOptions = {}): Promise<StackWithTlsauto> {
  const stack = await startStack(options)
  try {
    const [tlsauto] = await Promise.all([
      startTlsauto(stack),
      applyIssuer(stack),
      stack.backends.serve(HELLO),
    ])
    return { stack, tlsauto }
  } catch (error) {
    await stack.stop()
    throw error
  }
}
