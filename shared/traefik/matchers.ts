import { type Call, each, givenAll, pairs, queries, second, takes } from './calls.ts'
import { forms } from './mux-template.ts'
import {
  expressionProblem,
  hostExpressionProblem,
  hostProblem,
  ipRangeProblem,
  pathProblem,
  protocolProblem,
  serverNameProblem,
  templateProblem,
} from './values.ts'

export type Matcher = {
  readonly name: string // canonical spelling
  readonly checks: readonly Call[] // in order; the first that finds something answers
}

/** Matchers by every spelling that Traefik accepts. */
export type Matchers = ReadonlyMap<string, Matcher>

/** Matchers of HTTP rules (pkg/muxer/http/matcher.go and matcher_v2.go). */
export const httpMatchers: { readonly v3: Matchers; readonly v2: Matchers } = {
  v3: spelled({
    ClientIP: [takes(1), each(ipRangeProblem)],
    Method: [takes(1)],
    Host: [takes(1), each(hostProblem)],
    HostRegexp: [takes(1), each(hostExpressionProblem)],
    Path: [takes(1), each(pathProblem)],
    PathRegexp: [takes(1), each(expressionProblem)],
    PathPrefix: [takes(1), each(pathProblem)],
    Header: [takes(2)],
    HeaderRegexp: [takes(2), second(expressionProblem)],
    Query: [takes(1, 2)],
    QueryRegexp: [takes(1, 2), second(expressionProblem)],
  }),
  v2: spelled({
    Host: [each(hostProblem)],
    HostHeader: [each(hostProblem)],
    HostRegexp: [each(hostProblem), each(templateProblem(forms.host))],
    ClientIP: [each(ipRangeProblem)],
    Path: [each(pathProblem), each(templateProblem(forms.path))],
    PathPrefix: [each(pathProblem), each(templateProblem(forms.pathPrefix))],
    Method: [],
    Headers: [pairs],
    HeadersRegexp: [pairs, second(expressionProblem)],
    Query: [queries],
  }),
}

/** Matchers of TCP rules (pkg/muxer/tcp/matcher.go and matcher_v2.go). */
export const tcpMatchers: { readonly v3: Matchers; readonly v2: Matchers } = {
  v3: spelled({
    ALPN: [takes(1), each(protocolProblem)],
    ClientIP: [takes(1), each(ipRangeProblem)],
    HostSNI: [takes(1), each(serverNameProblem(/^(?:\*\.)?[\w.:-]+$/))],
    HostSNIRegexp: [takes(1), each(hostExpressionProblem)],
  }),
  v2: spelled({
    ALPN: [each(protocolProblem)],
    ClientIP: [each(ipRangeProblem)],
    HostSNI: [each(serverNameProblem(/^[\w.:-]+$/))],
    HostSNIRegexp: [each(templateProblem(forms.hostSni))],
  }),
}

// As written, all lower case, all upper case, or only the first letter upper (pkg/rules/parser.go).
function spelled(table: Readonly<Record<string, readonly Call[]>>): Matchers {
  const matchers = new Map<string, Matcher>()
  for (const [name, checks] of Object.entries(table)) {
    const lower = name.toLowerCase()
    const title = lower.charAt(0).toUpperCase() + lower.slice(1)
    for (const spelling of [name, lower, name.toUpperCase(), title]) {
      matchers.set(spelling, { name, checks: [givenAll, ...checks] })
    }
  }
  return matchers
}
