import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

/** Seconds, from a tenth of a millisecond to the API server's patience. */
const BUCKETS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1,
]

/** What the server counts, and the registry that all of it is in. What is told only when it is asked for
 * is set by `beforeScrape`. */
export type Metrics = ReturnType<typeof createMetrics>

/** Makes the server's metrics, and those of its process: memory, CPU, event loop. */
export function createMetrics(version: string) {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  new Gauge({
    name: 'tlsauto_build_info',
    help: 'Always 1; the label says the version.',
    labelNames: ['version'],
    registers,
  }).set({ version }, 1)
  return {
    registry,
    ...admissionMetrics(registers),
    ...workMetrics(registers),
    ...watchMetrics(registers),
    ...limitMetrics(registers),
    ...stateMetrics(registers),
  }
}

type Registers = Registry[]

/** Of reviews. */
function admissionMetrics(registers: Registers) {
  return {
    requests: new Counter({
      name: 'tlsauto_admission_requests_total',
      help: 'Admission reviews answered.',
      labelNames: ['webhook', 'operation', 'kind', 'result'] as const,
      registers,
    }),
    duration: new Histogram({
      name: 'tlsauto_admission_duration_seconds',
      help: 'From the arrival of a review to its answer.',
      labelNames: ['webhook', 'operation', 'result'] as const,
      buckets: BUCKETS,
      registers,
    }),
    rejected: new Counter({
      name: 'tlsauto_admission_rejected_total',
      help: 'Requests that were not answered as reviews, and TLS handshakes that failed (tls).',
      labelNames: ['reason'] as const,
      registers,
    }),
    inFlight: new Gauge({
      name: 'tlsauto_admission_in_flight_requests',
      help: 'Admission requests under way.',
      registers,
    }),
  }
}

/** Of the work on routes and Certificates. */
function workMetrics(registers: Registers) {
  return {
    queueDepth: new Gauge({
      name: 'tlsauto_workqueue_depth',
      help: 'Keys of work that wait.',
      registers,
    }),
    reconciles: new Histogram({
      name: 'tlsauto_reconcile_duration_seconds',
      help: 'The work on a route or Certificate.',
      labelNames: ['kind', 'result'] as const,
      buckets: BUCKETS,
      registers,
    }),
  }
}

/** Of lists and watches. */
function watchMetrics(registers: Registers) {
  return {
    listed: new Gauge({
      name: 'tlsauto_listed',
      help: '1 once the first list of a kind is in. While one is 0, nothing is written.',
      labelNames: ['kind'] as const,
      registers,
    }),
    watchRestarts: new Counter({
      name: 'tlsauto_watch_restarts_total',
      help: 'Lists and watches that failed, by what ended them.',
      labelNames: ['kind', 'cause'] as const,
      registers,
    }),
  }
}

/** Of what was dropped, stopped or has to wait. */
function limitMetrics(registers: Registers) {
  return {
    eventsDropped: new Counter({
      name: 'tlsauto_events_dropped_total',
      help: 'Events not written, since their object or their namespace had too many.',
      registers,
    }),
    faults: new Counter({
      name: 'tlsauto_faults_total',
      help: 'Errors that cost one object or task and nothing else, by where they were stopped.',
      labelNames: ['stop'] as const,
      registers,
    }),
    writesDeferred: new Counter({
      name: 'tlsauto_writes_deferred_total',
      help: 'Writes that had to wait: somebody keeps undoing them (fight), or their namespace had its share (limit).',
      labelNames: ['because'] as const,
      registers,
    }),
    certificatesWaiting: new Gauge({
      name: 'tlsauto_certificates_waiting',
      help: 'Certificates that wait, since their namespace got as many as it may have in an hour.',
      registers,
    }),
    claimsWaiting: new Gauge({
      name: 'tlsauto_claims_waiting',
      help: 'Hosts that stay unclaimed, since their namespace has as many DomainClaims as it may have.',
      registers,
    }),
  }
}

/** Of what there is. */
function stateMetrics(registers: Registers) {
  return {
    leading: new Gauge({
      name: 'tlsauto_leader',
      help: '1 on the replica that reconciles.',
      registers,
    }),
    hosts: new Gauge({
      name: 'tlsauto_hosts',
      help: 'Hosts with a Certificate of tlsauto, by the state of it.',
      labelNames: ['state'] as const,
      registers,
    }),
    hostViolations: new Gauge({
      name: 'tlsauto_host_violations',
      help: 'Stored routes with hosts that are not their namespace’s, by reason; told by the leader.',
      labelNames: ['reason'] as const,
      registers,
    }),
    earliestExpiry: new Gauge({
      name: 'tlsauto_earliest_certificate_expiry_timestamp_seconds',
      help: 'When the first of the Certificates of tlsauto ends, as Unix time.',
      registers,
    }),
    certificateExpiry: new Gauge({
      name: 'tlsauto_serving_certificate_expiry_timestamp_seconds',
      help: 'When the certificate ends under which the API server is answered, as Unix time.',
      registers,
    }),
  }
}
