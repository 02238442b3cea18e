import { setTimeout as delay } from 'node:timers/promises'
import { connectToSupervisor, readNews, STOP } from './supervisor-socket.ts'

const PATIENCE_MS = 30_000

/** `make down`: ends what `make up` started; gives what there is to say. */
async function down(): Promise<string> {
  const supervisor = await connectToSupervisor()
  if (supervisor === undefined) return 'Nothing is running.'
  const impatience = new AbortController()
  supervisor.write(STOP)
  // The connection ends with the supervisor, and that ends last.
  for await (const news of readNews(supervisor)) {
    if (news.kind === 'pid') void killLater(news.pid, impatience.signal)
  }
  impatience.abort()
  return 'The cluster is down.'
}

/** What it started is killed along with it. */
async function killLater(pid: number, signal: AbortSignal): Promise<void> {
  await delay(PATIENCE_MS, undefined, { signal }).then(
    () => process.kill(pid, 'SIGKILL'),
    () => undefined,
  )
}

if (import.meta.main) process.stdout.write(`${await down()}\n`)
