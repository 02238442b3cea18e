import { createServer } from 'node:http'
import type { Registry } from 'prom-client'
import type { Config } from './config.ts'
import type { OnFault } from './faults.ts'
import type { Logger } from './logger.ts'

const PATIENCE_MS = 5000
/** A scraper has one; so there is room for a few, and for who only holds one. */
const MOST_CONNECTIONS = 32

/** Serves `/metrics` over plain HTTP until the signal. Where that can't be, admission goes on without. */
export function serveMetrics(input: {
  readonly registry: Registry
  /** Sets what is counted only when it is asked for. */
  readonly beforeScrape: () => Promise<void>
  readonly listen: Config['metricsListen']
  readonly onFault: OnFault
  readonly logger: Logger
  readonly signal: AbortSignal
}): void {
  const { registry, listen, logger, onFault, signal } = input
  if (listen === undefined) return
  const options = { headersTimeout: PATIENCE_MS, requestTimeout: PATIENCE_MS }
  const server = createServer(options, (request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') {
      response.writeHead(404).end('there is GET /metrics\n')
      return
    }
    scrape(input).then(
      (text) => response.setHeader('content-type', registry.contentType).end(text),
      (error: unknown) => {
        onFault('scrape', '/metrics', error)
        response.writeHead(500).end()
      },
    )
  })
  server.maxConnections = MOST_CONNECTIONS
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
