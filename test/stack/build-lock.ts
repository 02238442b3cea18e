import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

export type LockOptions = {
  /** Told once when somebody else has it. */
  readonly onWait: () => void
  readonly signal?: AbortSignal | undefined
}

/** Works while no other process of this machine works on the same path. The lock is a socket in
 * Linux' abstract namespace: it ends with its holder, however that ends, so it is never stale. */
export async function withLock<T>(
  path: string,
  { onWait, signal }: LockOptions,
  work: () => Promise<T>,
): Promise<T> {
  const address = `\0tlsauto-build-${createHash('sha256').update(path).digest('hex').slice(0, 32)}`
  const waiting = new Set<Socket>()
  let lock = await take(address, waiting)
  if (lock === undefined) onWait()
  while (lock === undefined) {
    await untilFree(address, signal)
    lock = await take(address, waiting)
  }
  try {
    return await work()
  } finally {
    lock.close()
    for (const socket of waiting) socket.destroy()
  }
}

async function take(address: string, waiting: Set<Socket>): Promise<Server | undefined> {
  const server = createServer((socket) => {
    waiting.add(socket.on('error', () => socket.destroy()))
  })
  server.listen(address)
  try {
    await once(server, 'listening')
    return server
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return undefined
    throw error
  }
}

/** A connection to the holder lasts as long as it holds. */
async function untilFree(address: string, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted()
  const socket = connect(address)
  const giveUp = (): unknown => socket.destroy()
  signal?.addEventListener('abort', giveUp)
  await new Promise<void>((resolve) => {
    // Refused or reset: it has just been let go. That closes the socket as well.
    socket.on('error', () => undefined).on('close', () => resolve())
  })
  signal?.removeEventListener('abort', giveUp)
  signal?.throwIfAborted()
}
