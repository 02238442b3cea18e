/** The names that the ACME server resolves; everything is 127.0.0.1 unless said otherwise here.
 * pebble-challtestsrv knows no NXDOMAIN: a name is broken by its servers failing, or by an address
 * where nobody listens. */
export type Dns = {
  set(name: string, addresses: readonly string[]): Promise<void>
  /** A name whose servers fail. */
  servfail(name: string): Promise<void>
  /** Who alone may sign for a name (CAA, RFC 8659). */
  caa(name: string, issuer: string): Promise<void>
  /** Back to 127.0.0.1. */
  restore(name: string): Promise<void>
}

/** Changes names by the management address of pebble-challtestsrv. */
export function challengeTestServerDns(management: string): Dns {
  const post = async (path: string, name: string, more: object = {}): Promise<void> => {
    const body = JSON.stringify({ host: `${name}.`, ...more })
    const answer = await fetch(`${management}/${path}`, { method: 'POST', body })
    if (!answer.ok) throw new Error(`${path}: HTTP ${answer.status} ${await answer.text()}`)
  }
  return {
    set: async (name, addresses) => post('add-a', name, { addresses }),
    servfail: async (name) => post('set-servfail', name),
    caa: async (name, issuer) =>
      post('add-caa', name, { policies: [{ tag: 'issue', value: issuer }] }),
    restore: async (name) => {
      await post('clear-a', name)
      await post('clear-servfail', name)
    },
  }
}
