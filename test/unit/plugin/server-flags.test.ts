import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { configMapNames, serverFlags } from '../../../plugin/gather/server/server-flags.ts'
import { clusterSettings, defaultTexts } from '../../../shared/settings/flags.ts'
import type { JsonObject } from '../../../shared/json/json.ts'
import type { Lookup } from '../../../shared/kube/kube-client.ts'
import { FORBIDDEN, found, MISSING } from '../../fixtures/doctor-facts.ts'

const MAP = found({ data: { TLSAUTO_ATTACH: 'inject', attach: 'inject', ATTACH: 'inject' } })

const ROWS: readonly {
  readonly name: string
  readonly container: JsonObject
  readonly maps?: Readonly<Record<string, Lookup>>
  readonly attach: 'inject' | 'carry'
  readonly unseen?: string
}[] = [
  { name: 'nothing says it', container: {}, attach: 'carry' },
  { name: 'in one word', container: { args: ['--attach=inject'] }, attach: 'inject' },
  { name: 'in two words', container: { args: ['--attach', 'inject'] }, attach: 'inject' },
  {
    name: 'of the command',
    container: { command: ['tlsauto', '--attach=inject'] },
    attach: 'inject',
  },
  {
    name: 'again: the last counts',
    container: { args: ['--attach=carry', '--attach', 'inject'] },
    attach: 'inject',
  },
  {
    name: 'in another flag’s name',
    container: { args: ['--attach-more=inject'] },
    attach: 'carry',
  },
  {
    name: 'with a variable in it',
    container: { args: ['--attach=$(HOW)'] },
    attach: 'carry',
    unseen: 'a variable in its arguments',
  },
  {
    name: 'in the environment',
    container: { env: [{ name: 'TLSAUTO_ATTACH', value: 'inject' }] },
    attach: 'inject',
  },
  {
    name: 'without a value in the environment, whatever a ConfigMap says',
    container: {
      env: [{ name: 'TLSAUTO_DEFAULT_TLS_OPTIONS' }],
      envFrom: [{ configMapRef: { name: 'flags' } }],
    },
    maps: { flags: found({ data: { TLSAUTO_DEFAULT_TLS_OPTIONS: 'mtls' } }) },
    attach: 'carry',
  },
  {
    name: 'in both: the argument counts',
    container: { args: ['--attach=carry'], env: [{ name: 'TLSAUTO_ATTACH', value: 'inject' }] },
    attach: 'carry',
  },
  {
    name: 'in a key of a ConfigMap',
    container: { env: [own({ configMapKeyRef: { name: 'flags', key: 'attach' } })] },
    maps: { flags: MAP },
    attach: 'inject',
  },
  {
    name: 'in a key of a Secret',
    container: { env: [own({ secretKeyRef: { name: 'flags', key: 'attach' } })] },
    attach: 'carry',
    unseen: 'Secret flags',
  },
  {
    name: 'in a field of its Pod',
    container: { env: [own({ fieldRef: { fieldPath: 'metadata.name' } })] },
    attach: 'carry',
    unseen: 'its Pod',
  },
  {
    name: 'in a whole ConfigMap',
    container: { envFrom: [{ configMapRef: { name: 'flags' } }] },
    maps: { flags: MAP },
    attach: 'inject',
  },
  {
    name: 'in a whole ConfigMap, under a prefix',
    container: { envFrom: [{ prefix: 'TLSAUTO_', configMapRef: { name: 'flags' } }] },
    maps: { flags: MAP },
    attach: 'inject',
  },
  {
    name: 'in a ConfigMap that may not be read',
    container: { envFrom: [{ configMapRef: { name: 'flags' } }] },
    maps: { flags: FORBIDDEN },
    attach: 'carry',
    unseen: 'ConfigMap flags',
  },
  {
    name: 'in a ConfigMap that is not there',
    container: { envFrom: [{ configMapRef: { name: 'flags', optional: true } }] },
    maps: { flags: MISSING },
    attach: 'carry',
  },
  {
    name: 'in a Secret behind a ConfigMap that says it, which may change it',
    container: {
      envFrom: [{ configMapRef: { name: 'flags' } }, { secretRef: { name: 'more' } }],
    },
    maps: { flags: MAP },
    attach: 'inject',
    unseen: 'Secret more',
  },
  {
    name: 'in a ConfigMap behind a Secret, which changes nothing',
    container: {
      envFrom: [{ secretRef: { name: 'more' } }, { configMapRef: { name: 'flags' } }],
    },
    maps: { flags: MAP },
    attach: 'inject',
  },
  {
    name: 'in a Secret with another prefix',
    container: { envFrom: [{ prefix: 'OTHER_', secretRef: { name: 'more' } }] },
    attach: 'carry',
  },
]

suite('a flag of the server', () => {
  for (const { name, container, maps = {}, attach, unseen } of ROWS) {
    test(name, () => {
      const flags = serverFlags(deployment(container), (map) => maps[map])
      assert.deepEqual(
        { ...flags.settings, unseen: flags.unseen.get('attach') },
        { ...clusterSettings(defaultTexts()), attach, unseen },
      )
    })
  }

  test('that can not be used is said, and the defaults stand in', () => {
    assert.deepEqual(
      serverFlags(deployment({ args: ['--attach=both'] }), () => undefined),
      {
        settings: clusterSettings(defaultTexts()),
        unseen: new Map(),
        mistakes: '--attach both is none of inject, carry',
      },
    )
  })

  test('may be anything where the Deployment may not be read', () => {
    const { unseen } = serverFlags(FORBIDDEN, () => undefined)
    assert.deepEqual([...new Set(unseen.values())], ['its Deployment'])
    assert.deepEqual([...unseen.keys()], Object.keys(defaultTexts()))
  })

  test('comes from ConfigMaps, each of which is named once', () => {
    const container = {
      env: [own({ configMapKeyRef: { name: 'a', key: 'x' } }), { name: 'B', value: 'b' }],
      envFrom: [{ configMapRef: { name: 'b' } }, { configMapRef: { name: 'a' } }],
    }
    const { object } = deployment(container)
    assert.deepEqual(configMapNames(object), ['a', 'b'])
  })
})

function own(valueFrom: JsonObject): JsonObject {
  return { name: 'TLSAUTO_ATTACH', valueFrom }
}

function deployment(container: JsonObject): Extract<Lookup, { kind: 'found' }> {
  const containers = [
    { name: 'sidecar', args: ['--attach=both'] },
    { name: 'tlsauto', ...container },
  ]
  return { kind: 'found', object: { spec: { template: { spec: { containers } } } } }
}
