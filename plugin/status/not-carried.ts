import {
  COMMON_NAME,
  fieldOf,
  IP_SANS,
} from '../../shared/certmanager/annotations/spec-annotations.ts'
import type { Certificate } from '../../shared/certmanager/certificate.ts'
import type { Verdict } from '../../shared/route/decide.ts'
import { wording, type Finding } from '../../shared/findings/reasons.ts'
import type { Words } from '../../shared/status/status-words.ts'

/** What a route says of its certificate by an annotation that it has no right to, and that its Certificate
 * does not carry: the server's flags, which status doesn't know, may allow it. */
export function notCarried(verdict: Verdict, { spec }: Certificate): Words | undefined {
  const finding = verdict.findings.find((one) => {
    const field = fieldOf(annotationOf(one) ?? '')
    return field !== undefined && !(field in spec.options)
  })
  return finding === undefined ? undefined : { reason: finding.reason, message: wording(finding) }
}

function annotationOf({ reason, about }: Finding): string | undefined {
  if (reason === 'AnnotationNotAllowed' || reason === 'AnnotationNeverAllowed') return about
  if (reason === 'CommonNameNotAllowed') return COMMON_NAME
  return reason === 'AddressNotAllowed' ? IP_SANS : undefined
}
