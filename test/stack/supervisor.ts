import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { dirname } from 'node:path'
import { ENV_FILE, envFileText, LOGS } from './env-file.ts'
import { newsLine, STOP, SUPERVISOR_ADDRESS, type News } from './supervisor-socket.ts'
import { startWithTlsauto } from './with-tlsauto.ts'

/** The process behind `make up`: it starts the cluster, tells how that goes to whoever connects, and
 * keeps the cluster until it is told to stop. */
async function supervise(): Promise<void> {
  const tell = await openForClients()
  process.on('exit', () => rmSync(ENV_FILE, { force: true }))
  try {
    await rm(LOGS, { recursive: true, force: true })
    const report = (text: string): void => tell({ kind: 'step', text })
    const running = await startWithTlsauto({ logs: LOGS, report })
    await mkdir(dirname(ENV_FILE), { recursive: true })
    await writeFile(ENV_FILE, envFileText(running), { mode: 0o600 })
    tell({ kind: 'ready' })
  } catch (error) {
    process.exitCode = 1
    tell({ kind: 'failed', text: error instanceof Error ? error.message : String(error) })
  }
}

/** Listens, and gives the function that tells every client, the later ones too. */
async function openForClients(): Promise<(news: News) => void> {
  const told: News[] = [{ kind: 'pid', pid: process.pid }]
  const clients = new Set<Socket>()
  const server = createServer((client) => {
    clients.add(client)
    client.on('error', () => client.destroy()).on('close', () => clients.delete(client))
    client.setEncoding('utf8').on('data', (text: string) => {
      // The stack ends itself on this signal, in good order.
      if (text === STOP) process.kill(process.pid, 'SIGTERM')
    })
    client.write(told.map((news) => newsLine(news)).join(''))
  })
  server.listen(SUPERVISOR_ADDRESS)
  await once(server, 'listening')
  return (news) => {
    told.push(news)
    for (const client of clients) client.write(newsLine(news))
    if (news.kind !== 'failed') return
    for (const client of clients) client.end()
    server.close()
  }
}

if (import.meta.main) await supervise()
