import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { clientLine, clusterLines } from '../../../plugin/printers/version-text.ts'
import { versionsOf, type Installed } from '../../../plugin/version/versions.ts'
import type { JsonObject } from '../../../shared/json/json.ts'

const ROWS: readonly (readonly [name: string, workload: JsonObject, version: string | null])[] = [
  ['an image’s tag', workload('traefik:v3.7.0'), '3.7.0'],
  ['without a v', workload('rancher/mirrored-library-traefik:3.6.1'), '3.6.1'],
  ['behind a registry’s port and before a digest', workload('r:5000/t:v3.7.0@sha256:ab'), '3.7.0'],
  [
    'a label, where there is only a digest',
    workload('t@sha256:ab', { 'app.kubernetes.io/version': 'v3.5.0' }),
    '3.5.0',
  ],
  ['a word is one too', workload('traefik:latest'), 'latest'],
  ['a registry’s port is none', workload('r:5000/traefik'), null],
]

suite('the version of a workload', () => {
  for (const [name, one, version] of ROWS) {
    test(name, () => {
      const want: readonly Installed[] = [{ version, namespace: 'kube-system', name: 'traefik' }]
      assert.deepEqual(versionsOf('1.2.3', [one]), {
        client: { version: '1.2.3' },
        server: [],
        certManager: [],
        traefik: want,
      })
    })
  }
})

test('versions as text', () => {
  assert.deepEqual(
    [clientLine('1.2.3'), ...clusterLines(versionsOf('1.2.3', [workload('traefik:v3.7.0')]))],
    [
      'kubectl tlsauto   1.2.3',
      'tlsauto           not found among the Deployments and DaemonSets',
      'cert-manager      not found among the Deployments and DaemonSets',
      'Traefik           3.7.0 (kube-system/traefik)',
    ],
  )
  assert.deepEqual(
    clusterLines(versionsOf('1.2.3', undefined))[0],
    'tlsauto           unknown: you are not allowed to list Deployments in all namespaces',
  )
})

function workload(image: string, labels: JsonObject = {}): JsonObject {
  return {
    metadata: {
      name: 'traefik',
      namespace: 'kube-system',
      labels: { 'app.kubernetes.io/name': 'traefik', ...labels },
    },
    spec: { template: { spec: { containers: [{ name: 'traefik', image }] } } },
  }
}
