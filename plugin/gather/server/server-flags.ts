import {
  clusterSettings,
  defaultTexts,
  SETTINGS_FLAGS,
  settingsTexts,
  variableOf,
  type SettingsFlag,
} from '../../../shared/settings/flags.ts'
import { jsonObjectsAt, objectAt, textAt, type JsonObject } from '../../../shared/json/json.ts'
import { INSTALLATION } from '../../../shared/kube/installation.ts'
import type { Lookup } from '../../../shared/kube/kube-client.ts'
import type { ClusterSettings } from '../../../shared/settings/settings.ts'
import { argumentsOf, containersOf } from '../workload.ts'

/** The flags that tlsauto is started with, as far as its Deployment tells them. */
export type ServerFlags = {
  /** What is not to be seen has its default here. */
  readonly settings: ClusterSettings
  /** The flags that may be something else, each with who would know: `Secret tlsauto-env`. */
  readonly unseen: ReadonlyMap<SettingsFlag, string>
  /** Why the server can't start with them; undefined: it can. */
  readonly mistakes: string | undefined
}

/** A flag's text where somebody sets it, and who else may. */
type Found = { readonly text: string | undefined; readonly unseen: string | undefined }

const NOT_SET: Found = { text: undefined, unseen: undefined }

/** Reads the flags as the server does: arguments, then its TLSAUTO_… variables, then defaults. `configMap` gives
 * those that `configMapNames` names. No Secret is read. */
export function serverFlags(
  deployment: Lookup,
  configMap: (name: string) => Lookup | undefined,
): ServerFlags {
  if (deployment.kind === 'missing') return flagsOf(() => NOT_SET)
  if (deployment.kind === 'forbidden') {
    return flagsOf(() => ({ text: undefined, unseen: 'its Deployment' }))
  }
  const container = serverContainer(deployment.object)
  const words = argumentsOf(container)
  return flagsOf((flag) => {
    const given = argument(words, flag)
    if (given !== undefined) return literal(given, 'a variable in its arguments')
    return variable(container, variableOf(flag), configMap)
  })
}

/** The ConfigMaps that the server's environment is made of. */
export function configMapNames(deployment: JsonObject): readonly string[] {
  const container = serverContainer(deployment)
  const names = [
    ...jsonObjectsAt(container, 'env').map((one) =>
      objectAt(objectAt(one, 'valueFrom'), CONFIG_KEY),
    ),
    ...jsonObjectsAt(container, 'envFrom').map((one) => objectAt(one, 'configMapRef')),
  ].flatMap((reference) => textAt(reference, 'name') ?? [])
  return [...new Set(names)]
}

const CONFIG_KEY = 'configMapKeyRef'

function serverContainer(deployment: JsonObject): JsonObject {
  const containers = containersOf(deployment)
  return (
    containers.find((one) => textAt(one, 'name') === INSTALLATION.container) ?? containers[0] ?? {}
  )
}

function flagsOf(find: (flag: SettingsFlag) => Found): ServerFlags {
  const unseen = new Map<SettingsFlag, string>()
  const texts = settingsTexts((flag) => {
    const found = find(flag)
    if (found.unseen !== undefined) unseen.set(flag, found.unseen)
    return found.text ?? SETTINGS_FLAGS[flag].default
  })
  try {
    return { settings: clusterSettings(texts), unseen, mistakes: undefined }
  } catch (error) {
    const mistakes = error instanceof Error ? error.message.replaceAll('\n', ', ') : String(error)
    return { settings: clusterSettings(defaultTexts()), unseen, mistakes }
  }
}

/** `--flag=value` or `--flag value`; given again, the last counts. */
function argument(words: readonly string[], flag: string): string | undefined {
  const at = words.findLastIndex((word) => word === `--${flag}` || word.startsWith(`--${flag}=`))
  const word = words[at]
  return word === `--${flag}` ? words[at + 1] : word?.slice(`--${flag}=`.length)
}

/** A text as it stands there, unless Kubernetes puts variables into it. */
function literal(text: string, where: string): Found {
  return text.includes('$(') ? { text: undefined, unseen: where } : { text, unseen: undefined }
}

/** A variable of a container: `env` goes before `envFrom`, and the last of equals counts. */
function variable(
  container: JsonObject,
  name: string,
  configMap: (name: string) => Lookup | undefined,
): Found {
  const own = jsonObjectsAt(container, 'env').findLast((one) => textAt(one, 'name') === name)
  const found = own === undefined ? NOT_SET : ownVariable(own, configMap)
  if (found.text !== undefined || found.unseen !== undefined) return found
  const sources = jsonObjectsAt(container, 'envFrom')
    .toReversed()
    .map((source) => fromSource(source, name, configMap))
  const seen = sources.findIndex(({ text }) => text !== undefined)
  const before = seen === -1 ? sources : sources.slice(0, seen)
  return {
    text: sources[seen]?.text,
    unseen: before.find(({ unseen }) => unseen !== undefined)?.unseen,
  }
}

function ownVariable(own: JsonObject, configMap: (name: string) => Lookup | undefined): Found {
  const value = textAt(own, 'value')
  if (value !== undefined) return literal(value, 'a variable in its environment')
  const from = objectAt(own, 'valueFrom')
  const { name, key } = objectAt(from, CONFIG_KEY)
  if (typeof name === 'string' && typeof key === 'string') return inConfigMap(name, key, configMap)
  const secret = textAt(objectAt(from, 'secretKeyRef'), 'name')
  if (secret !== undefined) return { text: undefined, unseen: `Secret ${secret}` }
  const isEmpty = Object.keys(from).length === 0
  return isEmpty ? { text: '', unseen: undefined } : { text: undefined, unseen: 'its Pod' }
}

function fromSource(
  source: JsonObject,
  name: string,
  configMap: (name: string) => Lookup | undefined,
): Found {
  const prefix = textAt(source, 'prefix') ?? ''
  if (!name.startsWith(prefix)) return NOT_SET
  const map = textAt(objectAt(source, 'configMapRef'), 'name')
  if (map !== undefined) return inConfigMap(map, name.slice(prefix.length), configMap)
  const secret = textAt(objectAt(source, 'secretRef'), 'name')
  return secret === undefined ? NOT_SET : { text: undefined, unseen: `Secret ${secret}` }
}

function inConfigMap(
  name: string,
  key: string,
  configMap: (name: string) => Lookup | undefined,
): Found {
  const lookup = configMap(name)
  if (lookup?.kind === 'found') {
    return { text: textAt(objectAt(lookup.object, 'data'), key), unseen: undefined }
  }
  if (lookup?.kind === 'missing') return NOT_SET
  return { text: undefined, unseen: `ConfigMap ${name}` }
}
