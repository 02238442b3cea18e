import { isIpRange } from './ip-range.ts'
import { type TemplateForm, readTemplate } from './mux-template.ts'
import { regexpProblem } from './regexp.ts'

/** Says what is wrong with one value, as the rest of a sentence; undefined if Traefik takes it. */
export type ValueProblem = (value: string) => string | undefined

export const ipRangeProblem: ValueProblem = (value) =>
  isIpRange(value) ? undefined : 'is neither an IP address nor a range such as 10.0.0.0/8'

// oxlint-disable-next-line no-control-regex -- ASCII is what Traefik asks for, control characters too
const ascii = /^[\0-\x7f]*$/

export const hostProblem: ValueProblem = (value) =>
  ascii.test(value) ? undefined : 'is not ASCII: write the domain in its xn-- form'

export const expressionProblem: ValueProblem = (value) => {
  const problem = regexpProblem(value)
  return problem === undefined ? undefined : `is no regular expression of Go's: ${problem}`
}

export const hostExpressionProblem: ValueProblem = (value) =>
  hostProblem(value) ?? expressionProblem(value)

export const pathProblem: ValueProblem = (value) =>
  value.startsWith('/') ? undefined : 'does not start with /'

export const protocolProblem: ValueProblem = (value) =>
  value === 'acme-tls/1' ? 'is kept for the TLS-ALPN challenge: name another protocol' : undefined

/** `form` is what a server name may look like beside the catch-all `*`. */
export function serverNameProblem(form: RegExp): ValueProblem {
  return (value) =>
    value === '*' || form.test(value) ? undefined : 'is no host name: write one such as example.com'
}

export function templateProblem(form: TemplateForm): ValueProblem {
  return (value) => {
    const template = readTemplate(value, form)
    return template.kind === 'refused' ? template.message : undefined
  }
}
