import { isDenied, wording, type Denials, type Finding } from '../../shared/findings/reasons.ts'
import type { Answer } from './review.ts'

/** The API server cuts all warnings of a request at 4,096 characters. */
const MOST_WARNINGS = 30
const MOST_DENIALS = 5

/** What a request is told of the findings that it brings in: why it is denied, and warnings for the rest. */
export function sayFindings(
  news: readonly Finding[],
  denials: Denials,
): Pick<Answer, 'warnings' | 'denial'> {
  const denied = news.filter((finding) => isDenied(finding, denials))
  const warned = news.filter((finding) => !isDenied(finding, denials))
  return {
    warnings: worded(warned, MOST_WARNINGS),
    denial: denied.length === 0 ? undefined : worded(denied, MOST_DENIALS).join('; '),
  }
}

function worded(findings: readonly Finding[], most: number): readonly string[] {
  if (findings.length <= most) return findings.map(wording)
  const more = `and ${findings.length - most + 1} more; kubectl tlsauto plan lists them all`
  return [...findings.slice(0, most - 1).map(wording), more]
}
