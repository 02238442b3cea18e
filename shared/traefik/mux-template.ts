import { regexpProblem } from './regexp.ts'

/** The regular expression that a template stands for, with the names of its variables. */
export type Template =
  | { readonly kind: 'template'; readonly names: readonly string[] }
  | { readonly kind: 'refused'; readonly message: string }

export type TemplateForm = {
  readonly before: string
  readonly after: string
  readonly variable: string // what {name} without an expression matches
  readonly anchored: boolean // each variable's expression must also stand alone
}

/** Hosts, paths and queries of v2 rules are templates of the mux library, `{name:regexp}`. */
export const forms = {
  host: { before: '(?i)^', after: '$', variable: '[^.]+', anchored: true },
  path: { before: '^', after: '$', variable: '[^/]+', anchored: true },
  pathPrefix: { before: '^', after: '', variable: '[^/]+', anchored: true },
  query: { before: '^', after: '$', variable: '.*', anchored: true },
  hostSni: { before: '(?i)^', after: '$', variable: '[^.]+', anchored: false },
} as const satisfies Record<string, TemplateForm>

/**
 * Reads a v2 template as Traefik does (containous/mux, newRouteRegexp; for HostSNIRegexp
 * pkg/muxer/tcp/matcher_v2.go, preparePattern).
 */
export function readTemplate(template: string, form: TemplateForm): Template {
  const variables = splitVariables(template)
  if (typeof variables === 'string') return refused(`has ${variables}`)
  let pattern = form.before
  let end = 0
  for (const [index, { start, name, expression = form.variable, close }] of variables.entries()) {
    if (name === '' || expression === '')
      return refused('has a {…} without a name or an expression: write {name} or {name:expression}')
    const problem = form.anchored ? regexpProblem(`^${expression}$`) : undefined
    if (problem !== undefined)
      return refused(`has in {${name}} no regular expression of Go's: ${problem}`)
    pattern += `${quote(template.slice(end, start))}(?P<v${index}>${expression})`
    end = close
  }
  const problem = regexpProblem(`${pattern}${quote(template.slice(end))}${form.after}`)
  if (problem !== undefined) return refused(`is no template: ${problem}`)
  return { kind: 'template', names: variables.map(({ name }) => name) }
}

type Variable = {
  readonly start: number
  readonly close: number
  readonly name: string
  readonly expression: string | undefined
}

// The outermost {…}, or what is wrong with the braces.
function splitVariables(template: string): readonly Variable[] | string {
  const variables: Variable[] = []
  let level = 0
  let start = 0
  for (const { 0: brace, index } of template.matchAll(/[{}]/g)) {
    if (brace === '{' && level++ === 0) start = index
    if (brace === '}' && --level === 0) variables.push(variable(template, start, index + 1))
    if (level < 0) break
  }
  return level === 0 ? variables : 'braces that do not pair: close every { with }'
}

function variable(template: string, start: number, close: number): Variable {
  const inner = template.slice(start + 1, close - 1)
  const colon = inner.indexOf(':')
  if (colon < 0) return { start, close, name: inner, expression: undefined }
  return { start, close, name: inner.slice(0, colon), expression: inner.slice(colon + 1) }
}

function quote(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&')
}

function refused(message: string): Template {
  return { kind: 'refused', message }
}
