import type { Stack } from './stack.ts'

/** Where `recreate` looks before it tries: the stack's DNS server, and Traefik's port in the place of 80. */
export function lookingAt({ acme, web }: Pick<Stack, 'acme' | 'web'>): readonly string[] {
  return [`--resolver=${acme.dnsServer}`, `--http-port=${web}`]
}
