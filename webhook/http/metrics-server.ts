import { createServer, type RequestListener } from 'node:http'
import type { Registry } from 'prom-client'
import { createConnections } from './connection-limits.ts'
import type { OnFault } from '../runtime/faults.ts'
import type { Logger } from '../runtime/logger.ts'

const PATIENCE_MS = 5000
const SILENCE_MS = 60_000
/** A scraper has one; so there is room for a few, and for who only holds one. */
const MOST_CONNECTIONS = 32

/** Serves `/metrics` over plain HTTP until the signal. Where that can't be, admission goes on without. */
export function serveMetrics(input: {
  readonly registry: Registry
  /** Sets what is counted only when it is asked for. */
  readonly beforeScrape: () => Promise<void>
  readonly listen: { readonly host: string; readonly port: number } | undefined
  readonly onFault: OnFault
  readonly logger: Logger
  readonly signal: AbortSignal
}): void {
  const { registry, listen, logger, onFault, signal } = input
  if (listen === undefined) return
  const options = {
    headersTimeout: PATIENCE_MS,
    requestTimeout: PATIENCE_MS,
    connectionsCheckingInterval: PATIENCE_MS,
    maxHeaderSize: 8192,
  }
  let scraping: Promise<string> | undefined
  const answer: RequestListener = (request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') {
      response.writeHead(404).end('there is GET /metrics\n')
      return
    }
    // Whoever asks meanwhile gets the same.
    scraping ??= scrape(input).finally(() => {
      scraping = undefined
    })
    scraping.then(
      (text) => response.setHeader('content-type', registry.contentType).end(text),
      (error: unknown) => {
        onFault('scrape', '/metrics', error)
        response.writeHead(500).end()
      },
    )
  }
  const connections = createConnections(MOST_CONNECTIONS)
  const server = createServer(options, connections.handling(answer))
  // Also of one that never reads its answers.
  server.setTimeout(SILENCE_MS)
  connections.limit(server)
  server.on('error', (error) => logger.error({ error, ...listen }, 'no metrics can be served'))
  const { host, port } = listen
  server.listen({ port, ...(host === '' ? {} : { host }), signal })
  signal.addEventListener('abort', () => server.closeAllConnections())
}

async function scrape({
  registry,
  beforeScrape,
}: {
  readonly registry: Registry
  readonly beforeScrape: () => Promise<void>
}): Promise<string> {
  await beforeScrape()
  return registry.metrics()
}
