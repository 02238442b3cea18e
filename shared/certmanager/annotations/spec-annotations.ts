import {
  isJsonObject,
  listAt,
  NOTHING,
  objectAt,
  stringsAt,
  type JsonObject,
} from '../../json/json.ts'
import { parseCsvRecord } from './csv-record.ts'
import { goDuration, parseGoDuration } from './go-duration.ts'
import { isEmailAddress, isIpAddress } from './addresses.ts'
import { KEY_USAGES } from './key-usages.ts'
import { parseSecretTemplate } from './secret-template.ts'
import { LONGEST, lengthProblem } from '../../json/text-limits.ts'
import { trimmed } from '../../json/trimmed.ts'

/** What a route's `cert-manager.io/` annotations say about its Certificates, beside who signs. */
export type SpecSettings = {
  /** Fields of the spec, for each of its Certificates. */
  readonly every: JsonObject
  /** Fields of the spec that say who a certificate is for: for the one of its primary host;
   * `dnsNames` are more names beside its hosts. */
  readonly primary: JsonObject
  /** Annotations for each of its Certificates. */
  readonly annotations: Readonly<Record<string, string>>
}

/** An annotation that can't be read, and why, in words that fit a warning beside its path. */
export type SpecMistake = { readonly key: string; readonly problem: string }

/** What a route may say of its Certificates by annotations, beside who signs: `names` only more of its own
 * hosts and what is harmless; `all` also what could turn a server's certificate into an identity. */
export const ANNOTATION_RIGHTS = ['all', 'names'] as const
export type AnnotationRights = (typeof ANNOTATION_RIGHTS)[number]

/** The right that an annotation needs; `never`: what makes an authority of its holder, or has other
 * tools copy its key. */
type Need = AnnotationRights | 'never'

/** An annotation that its route has no right to: no Certificate carries it. */
export type Refusal = {
  readonly reason: 'AnnotationNotAllowed' | 'AnnotationNeverAllowed'
  readonly key: string
}

/** What no annotation says anything about. */
export const NO_SPEC: SpecSettings = { every: {}, primary: {}, annotations: {} }

export const COMMON_NAME = 'cert-manager.io/common-name'
export const ALT_NAMES = 'cert-manager.io/alt-names'
export const IP_SANS = 'cert-manager.io/ip-sans'
export const EMAIL_SANS = 'cert-manager.io/email-sans'
const DURATION = 'cert-manager.io/duration'
const RENEW_BEFORE = 'cert-manager.io/renew-before'
const RENEW_BEFORE_PERCENTAGE = 'cert-manager.io/renew-before-percentage'
const KEY_ALGORITHM = 'cert-manager.io/private-key-algorithm'
const KEY_SIZE = 'cert-manager.io/private-key-size'
const SOLVER_CLASS = 'acme.cert-manager.io/http01-ingress-class'
const SOLVER_CLASS_NAME = 'acme.cert-manager.io/http01-ingress-ingressclassname'

type Annotations = Readonly<Record<string, string>>

/** How an annotation is read: to a value, to null where it says nothing, to undefined where it can't be.
 * `all` are the route's, for those whose meaning depends on another. */
type Parser = {
  readonly wants: string
  /** How long its text may be, where that is not `LONGEST.value`. */
  readonly longest?: number
  readonly parse: (text: string, all: Annotations) => unknown
}

/** An annotation, the right it needs, where its value goes, and how it is read. */
type Row = Parser & {
  readonly key: string
  readonly needs: Need | ((value: unknown) => Need)
  readonly into: keyof SpecSettings
  /** The way to the field, or an annotation's key. */
  readonly path: readonly string[]
}

const HOUR_S = 3600
const LEAST_RENEWAL_S = 5 * 60
/** What cert-manager takes where no duration is said: 90 days. */
const DEFAULT_DURATION_S = 90 * 24 * HOUR_S

const anyText: Parser = { wants: 'text', parse: (text) => text || null }
const csv: Parser = { wants: 'one line of CSV', longest: LONGEST.list, parse: parseCsvRecord }

/** What cert-manager's ingress-shim reads on an Ingress (certificate-shim/helper.go, translateAnnotations,
 * and sync.go, setIssuerSpecificConfig), with the limits of its webhook, which would refuse the
 * Certificate (internal/apis/certmanager/validation). */
const TABLE: readonly Row[] = [
  {
    key: COMMON_NAME,
    needs: (value) => (isOfKubernetes(value) ? 'never' : 'names'),
    into: 'primary',
    path: ['commonName'],
    wants: 'at most 64 bytes',
    parse: (text) => (Buffer.byteLength(text) <= 64 ? text || null : undefined),
  },
  {
    key: ALT_NAMES,
    needs: 'names',
    into: 'primary',
    path: ['dnsNames'],
    wants: 'names with commas between',
    longest: LONGEST.list,
    parse: (text) => list(text, () => true),
  },
  {
    key: IP_SANS,
    needs: 'all',
    into: 'primary',
    path: ['ipAddresses'],
    wants: 'IP addresses with commas between',
    longest: LONGEST.list,
    parse: (text) => list(text, isIpAddress),
  },
  {
    key: EMAIL_SANS,
    needs: 'all',
    into: 'primary',
    path: ['emailAddresses'],
    wants: 'e-mail addresses with commas between',
    longest: LONGEST.list,
    parse: (text) => list(text, isEmailAddress) ?? undefined,
  },
  { ...subject('organizations', 'organizations'), needs: needOfOrganizations },
  subject('organizationalunits', 'organizationalUnits'),
  subject('countries', 'countries'),
  subject('provinces', 'provinces'),
  subject('localities', 'localities'),
  subject('postalcodes', 'postalCodes'),
  subject('streetaddresses', 'streetAddresses'),
  { ...subject('serialnumber', 'serialNumber'), ...anyText },
  {
    key: DURATION,
    needs: needOfDuration,
    into: 'every',
    path: ['duration'],
    wants: 'a duration of 1h or more, like 2160h',
    parse: (text) => duration(text, HOUR_S),
  },
  {
    key: RENEW_BEFORE,
    // Just below the real lifetime, which only the CA knows, it renews every hour: all of an ACME account's
    // orders can go that way. A percentage can't.
    needs: 'all',
    into: 'every',
    path: ['renewBefore'],
    wants: 'from 5m to below the duration',
    parse: (text, all) => duration(text, LEAST_RENEWAL_S, lifetime(all)),
  },
  {
    key: RENEW_BEFORE_PERCENTAGE,
    needs: (value) => (Number(value) <= 50 ? 'names' : 'all'),
    into: 'every',
    path: ['renewBeforePercentage'],
    wants: 'from 1 to 99, alone',
    parse: percentage,
  },
  {
    key: 'cert-manager.io/usages',
    needs: needOfUsages,
    into: 'every',
    path: ['usages'],
    wants: 'key usages with commas between',
    parse: usages,
  },
  {
    key: 'cert-manager.io/revision-history-limit',
    needs: (value) => (Number(value) <= MOST_REVISIONS ? 'names' : 'all'),
    into: 'every',
    path: ['revisionHistoryLimit'],
    wants: 'a whole number from 1 on',
    parse: (text) => integer(text, 1, 2 ** 31 - 1),
  },
  {
    key: KEY_ALGORITHM,
    needs: 'names',
    into: 'every',
    path: ['privateKey', 'algorithm'],
    ...oneOf('RSA', 'ECDSA', 'Ed25519'),
  },
  {
    key: 'cert-manager.io/private-key-encoding',
    needs: 'names',
    into: 'every',
    path: ['privateKey', 'encoding'],
    ...oneOf('PKCS1', 'PKCS8'),
  },
  {
    key: KEY_SIZE,
    needs: (value) => (Number(value) <= LARGEST_KEY ? 'names' : 'all'),
    into: 'every',
    path: ['privateKey', 'size'],
    wants: 'RSA 2048-8192, ECDSA 256, 384, 521',
    parse: keySize,
  },
  {
    key: 'cert-manager.io/private-key-rotation-policy',
    needs: 'names',
    into: 'every',
    path: ['privateKey', 'rotationPolicy'],
    ...oneOf('Never', 'Always'),
  },
  {
    key: 'cert-manager.io/secret-template',
    needs: needOfSecretTemplate,
    into: 'every',
    path: ['secretTemplate'],
    wants: 'JSON of labels and annotations',
    longest: LONGEST.list,
    parse: (text) => emptyToNull(parseSecretTemplate(text)),
  },
  {
    key: SOLVER_CLASS,
    needs: 'names',
    into: 'annotations',
    path: ['acme.cert-manager.io/http01-override-ingress-class'],
    ...anyText,
  },
  {
    key: SOLVER_CLASS_NAME,
    needs: 'names',
    into: 'annotations',
    path: ['acme.cert-manager.io/http01-override-ingress-ingressclassname'],
    wants: 'alone, without http01-ingress-class',
    parse: (text, all) => (all[SOLVER_CLASS] && text ? undefined : text || null),
  },
]

/** The annotations that are read. */
export const SPEC_ANNOTATIONS: readonly string[] = TABLE.map(({ key }) => key)

/** The field of a Certificate's spec that an annotation sets, if it is one of these. */
export function fieldOf(key: string): string | undefined {
  return TABLE.find((row) => row.key === key)?.path[0]
}

/** The fields of a Certificate's spec that annotations can set, beside its names, Secret and issuer. */
export const OPTION_FIELDS: ReadonlySet<string> = new Set(
  TABLE.filter(({ into }) => into !== 'annotations')
    .flatMap(({ path }) => path[0] ?? [])
    .filter((field) => field !== 'dnsNames'),
)

/** Reads a route's annotations, as far as it has a right to them. */
export function readSpecAnnotations(
  annotations: Annotations,
  rights: AnnotationRights,
): {
  readonly spec: SpecSettings
  readonly mistakes: readonly SpecMistake[]
  readonly refusals: readonly Refusal[]
} {
  const readings = TABLE.flatMap((row) => {
    const text = annotations[row.key]
    if (text === undefined) return []
    const { value, problem } = readValue(row, text, annotations)
    return [{ row, value, problem, refusal: refusalOf(row, value, rights) }]
  })
  if (readings.length === 0) return { spec: NO_SPEC, mistakes: [], refusals: [] }
  const fields = (into: Row['into']): JsonObject =>
    readings
      .filter(({ row, value }) => row.into === into && value !== undefined && value !== null)
      .filter(({ refusal }) => refusal === undefined)
      .reduce<JsonObject>((object, { row, value }) => withField(object, row.path, value), {})
  return {
    spec: {
      every: fields('every'),
      primary: fields('primary'),
      annotations: stringsAt({ of: fields('annotations') }, 'of'),
    },
    mistakes: readings.flatMap(({ row: { key }, problem }) =>
      problem === undefined ? [] : [{ key, problem }],
    ),
    refusals: readings.flatMap(({ refusal }) => refusal ?? []),
  }
}

function refusalOf({ key, needs }: Row, value: unknown, rights: AnnotationRights) {
  if (value === undefined || value === null) return undefined
  const need = typeof needs === 'string' ? needs : needs(value)
  if (need === 'never') return { reason: 'AnnotationNeverAllowed', key } as const
  if (need === 'names' || rights === 'all') return undefined
  return { reason: 'AnnotationNotAllowed', key } as const
}

/** Larger keys cost cert-manager seconds each, which all tenants wait for; more CertificateRequests than these
 * fill etcd. */
const LARGEST_KEY = 4096
const MOST_REVISIONS = 10

/** A certificate that outlives by far the right to its host is one that nobody can take back; one of hours is
 * issued all day long. */
function needOfDuration(value: unknown): Need {
  const seconds = parseGoDuration(String(value)) ?? 0
  return seconds >= 24 * HOUR_S && seconds <= DEFAULT_DURATION_S ? 'names' : 'all'
}

/** What every server's certificate may do. */
const SERVER_USAGES: ReadonlySet<unknown> = new Set([
  'signing',
  'digital signature',
  'key encipherment',
  'key agreement',
  'server auth',
])

/** What makes a CA, or a judge over others' certificates, of its holder; or anything at all. */
const AUTHORITY_USAGES: ReadonlySet<unknown> = new Set([
  'cert sign',
  'crl sign',
  'ocsp signing',
  'any',
])

function needOfUsages(value: unknown): Need {
  const usages = listAt({ value }, 'value')
  if (usages.some((usage) => AUTHORITY_USAGES.has(usage))) return 'never'
  return usages.every((usage) => SERVER_USAGES.has(usage)) ? 'names' : 'all'
}

/** Kubernetes keeps these names of users (the common name) and groups (the organizations) for itself. */
function isOfKubernetes(value: unknown): boolean {
  return typeof value === 'string' && value.startsWith('system:')
}

function needOfOrganizations(value: unknown): Need {
  return listAt({ value }, 'value').some(isOfKubernetes) ? 'never' : 'all'
}

/** A key without a prefix is its user's own; every tool that acts on Secrets (copies them elsewhere, takes
 * them for its own settings) must have one (Kubernetes: Labels and Selectors, Syntax and character set). */
function needOfSecretTemplate(value: unknown): Need {
  const { labels, annotations } = isJsonObject(value) ? value : NOTHING
  const keys = [labels, annotations].filter(isJsonObject).flatMap(Object.keys)
  return keys.some((key) => key.includes('/')) ? 'never' : 'all'
}

/** What a text says, or why it can't be read. */
function readValue(
  { parse, wants, longest = LONGEST.value }: Row,
  text: string,
  all: Annotations,
): { readonly value?: unknown; readonly problem?: string } {
  const tooLong = lengthProblem(text, longest)
  if (tooLong !== undefined) return { problem: tooLong }
  const value = parse(text, all)
  return value === undefined ? { problem: `not ${wants}` } : { value }
}

function withField(
  object: JsonObject,
  [key = '', ...rest]: readonly string[],
  value: unknown,
): JsonObject {
  const inner: unknown = rest.length === 0 ? value : withField(objectAt(object, key), rest, value)
  return { ...object, [key]: inner }
}

function subject(word: string, field: string): Row {
  const key = `cert-manager.io/subject-${word}`
  return { key, needs: 'all', into: 'every', path: ['subject', field], ...csv }
}

function oneOf(...words: readonly string[]): Parser {
  const wants = `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
  return { wants, parse: (text) => (words.includes(text) ? text : undefined) }
}

/** The items of a list with commas between; of no text there is none. */
function list(text: string, fits: (item: string) => boolean): readonly string[] | null | undefined {
  if (text === '') return null
  const items = text.split(',').map((item) => item.trim())
  return items.every((item) => item !== '' && fits(item)) ? items : undefined
}

function usages(text: string): readonly string[] | undefined {
  const names = text.split(',').map((name) => trimmed(name, ' '))
  return names.every((name) => KEY_USAGES.has(name)) ? names : undefined
}

function integer(text: string, least: number, most: number): number | undefined {
  if (!/^[+-]?\d+$/.test(text)) return undefined
  const value = Number(text)
  return value >= least && value <= most ? value : undefined
}

function duration(text: string, least: number, below = Infinity): string | undefined {
  const seconds = parseGoDuration(text)
  if (seconds === undefined || seconds < least || seconds >= below) return undefined
  return goDuration(seconds)
}

/** Seconds; where it can't be read, that is said of the duration itself. */
function lifetime(all: Annotations): number {
  const text = all[DURATION]
  if (text === undefined) return DEFAULT_DURATION_S
  return text.length > LONGEST.value ? Infinity : (parseGoDuration(text) ?? Infinity)
}

/** It must leave at least five minutes for the renewal. */
function percentage(text: string, all: Annotations): number | undefined {
  const percent = integer(text, 1, 99)
  if (percent === undefined || all[RENEW_BEFORE] !== undefined) return undefined
  const before = (lifetime(all) * (100 - percent)) / 100
  return before < LEAST_RENEWAL_S ? undefined : percent
}

/** Depends on the algorithm, which is RSA unless said; of Ed25519 there is one size. */
function keySize(text: string, all: Annotations): number | undefined {
  const algorithm = all[KEY_ALGORITHM] ?? 'RSA'
  if (algorithm === 'RSA') return integer(text, 2048, 8192)
  const size = integer(text, -(2 ** 31), 2 ** 31 - 1)
  return algorithm === 'ECDSA' && ![256, 384, 521].includes(size ?? 0) ? undefined : size
}

function emptyToNull(object: JsonObject | undefined): JsonObject | null | undefined {
  return object !== undefined && Object.keys(object).length === 0 ? null : object
}
