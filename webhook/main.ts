import { hostname } from 'node:os'
import packageJson from '../package.json' with { type: 'json' }
import { kubeClient } from '../shared/kube/client.ts'
import { readConfig } from './config.ts'
import { createFaults, survive } from './runtime/faults.ts'
import { createLogger } from './runtime/logger.ts'
import { createMetrics } from './runtime/metrics.ts'
import { runServer } from './run-server.ts'

/** Beside the drain delay. */
const LONGEST_STOP_MS = 8000

let drainDelay = 0
const stop = new AbortController()
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    stop.abort()
    // An API server that does not answer must not hold us.
    setTimeout(() => process.exit(), drainDelay * 1000 + LONGEST_STOP_MS).unref()
  })
}

try {
  const config = readConfig({ argv: process.argv.slice(2), env: process.env, hostname: hostname() })
  drainDelay = config.drainDelay
  const { logger, flushSync } = createLogger(config.logLevel)
  process.once('exit', flushSync)
  const client = kubeClient({ kubeconfig: config.kubeconfig })
  const metrics = createMetrics(packageJson.version)
  const onFault = createFaults({ logger, metrics })
  process.on('uncaughtException', survive(onFault))
  await runServer({ config, client, logger, metrics, onFault, signal: stop.signal })
} catch (error) {
  // Whatever has started already must not go on alone.
  stop.abort()
  process.stderr.write(`tlsauto: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
