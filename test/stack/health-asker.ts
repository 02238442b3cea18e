import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { Agent, get } from 'node:https'
import { setTimeout as delay } from 'node:timers/promises'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { isJsonObject, textAt } from '../../shared/json/json.ts'

/** How long each answer took, and for how long of that the server's main thread was busy, in milliseconds. Where
 * the machine is busy with other things, too, only the latter is the server's own. */
export type Answer = { readonly took: number; readonly busy: number }

/** What came of the questions. */
export type Answers = { readonly answers: readonly Answer[]; readonly failed: number }

/** Somebody who asks a server all the time, from a thread of its own: what this one does is not measured. */
export type HealthAsker = {
  /** Ends it. */
  stop(): Promise<Answers>
}

const INTERVAL_MS = 20

/** Asks a URL of the process with that id every 20 ms, once it has answered for the first time. */
export async function startHealthAsker(url: string, pid: number): Promise<HealthAsker> {
  const worker = new Worker(new URL(import.meta.url), { workerData: { url, pid: String(pid) } })
  await once(worker, 'message')
  return {
    stop: async () => {
      const answers = new Promise<Answers>((resolve, reject) => {
        worker.once('message', resolve)
        worker.once('error', reject)
      })
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
      worker.postMessage('stop')
      try {
        return await answers
      } finally {
        await worker.terminate()
      }
    },
  }
}

/** For how long the main thread of a process has run, in milliseconds. */
export function busyTime(pid: number | string): number {
  const [nanoseconds] = readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ')
  return Number(nanoseconds) / 1e6
}

async function askAll(url: string, pid: string): Promise<void> {
  const answers: Answer[] = []
  const ending = new AbortController()
  let failed = 0
  parentPort?.once('message', () => ending.abort())
  await isAnswered(url)
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
  parentPort?.postMessage('ready')
  while (!ending.signal.aborted) {
    const [began, busy] = [performance.now(), busyTime(pid)]
    if (await isAnswered(url)) {
      answers.push({ took: performance.now() - began, busy: busyTime(pid) - busy })
    } else failed += 1
    await delay(INTERVAL_MS)
  }
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
  parentPort?.postMessage({ answers, failed } satisfies Answers)
}

const agent = new Agent({ keepAlive: true, rejectUnauthorized: false })

async function isAnswered(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    get(url, { agent }, (answer: IncomingMessage) => {
      answer.resume().on('end', () => resolve(answer.statusCode === 200))
    }).on('error', () => resolve(false))
  })
}

if (!isMainThread) {
  const data: unknown = workerData
  const [url = '', pid = ''] = isJsonObject(data) ? [textAt(data, 'url'), textAt(data, 'pid')] : []
  await askAll(url, pid)
}
