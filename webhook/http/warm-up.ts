import { NOTHING_TAKEN } from '../../shared/route/taken-names.ts'
import { parseReview } from '../admission/review.ts'
import { mutate } from '../admission/mutate.ts'
import { validate, type ValidateContext } from '../admission/validate.ts'
import { excessOf } from './json-limits.ts'

const ROUNDS = 2
/** Bytes of a rule: enough for the compiler to see what is hot. */
const LENGTH = 15_000

/** Has what reads a review compiled before the first one comes: in a process that has just started the
 * longest rules would keep others waiting half as long again. Takes some tens of milliseconds. */
export function warmUp(cluster: ValidateContext['cluster']): void {
  const context: ValidateContext = {
    cluster,
    hostClaims: 'warn',
    namespace: { labels: {}, annotations: { 'tlsauto.dev/allowed-domains': 'example.com' } },
    holderOf: () => undefined,
    servedByTcp: () => undefined,
    takenNames: NOTHING_TAKEN,
  }
  const bodies = specs().map((spec) => Buffer.from(JSON.stringify(reviewOf(spec))))
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const json of bodies) {
      excessOf(json)
      const review = parseReview(JSON.parse(json.toString()))
      mutate(review, context)
      validate(review, context)
    }
  }
}

/** What a rule can be made of at length, and lists and maps that are long. */
function specs(): readonly unknown[] {
  const rules = [
    repeated('Host(`shop.example.com`) || ', 'Host(`shop.example.com`)'),
    repeated('Host(`shop.example.com`) && ', '&&'),
    `Path("${repeated('\\x61', '')}")`,
    `PathRegexp(\`${repeated('/[a-z]+', '')}\`)`,
    repeated('/* why */ ', '!(Method(`GET`))'),
  ]
  const hosts = Array.from({ length: 200 }, (_, at) => `Host(\`h${at}.example.com\`)`)
  return [
    ...rules.map((match) => ({ routes: [{ kind: 'Rule', match }] })),
    { routes: Array.from({ length: 1000 }, () => ({})) },
    { routes: hosts.map((match) => ({ match })) },
  ]
}

function reviewOf(spec: unknown): object {
  const metadata = { namespace: 'default', name: 'warm-up' }
  const object = { apiVersion: 'traefik.io/v1alpha1', kind: 'IngressRoute', metadata, spec }
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: { uid: 'warm-up', operation: 'CREATE', namespace: 'default', object },
  }
}

function repeated(part: string, end: string): string {
  return part.repeat(LENGTH / part.length) + end
}
