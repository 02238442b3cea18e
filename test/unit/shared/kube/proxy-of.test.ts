import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { proxyOf, type Environment } from '../../../../shared/kube/proxy-of.ts'

const PROXY = 'http://proxy:3128'

type Row = readonly [name: string, server: string, env: Environment, want: string | undefined]

const rows: readonly Row[] = [
  ['no variable', 'https://api.example.com', {}, undefined],
  ['an empty one', 'https://api.example.com', { HTTPS_PROXY: '' }, undefined],
  ['the variable of its scheme', 'https://api.example.com', { HTTPS_PROXY: PROXY }, PROXY],
  ['that of the other scheme', 'https://api.example.com', { HTTP_PROXY: PROXY }, undefined],
  ['an http server', 'http://api.example.com', { HTTP_PROXY: PROXY }, PROXY],
  ['lower case', 'https://api.example.com', { https_proxy: PROXY }, PROXY],
  ['upper case first', 'https://a.com', { HTTPS_PROXY: PROXY, https_proxy: 'http://no' }, PROXY],
  ['a proxy without a scheme', 'https://a.com', { HTTPS_PROXY: 'proxy:3128' }, PROXY],
  ['socks', 'https://a.com', { HTTPS_PROXY: 'socks5://proxy:1080' }, 'socks5://proxy:1080'],
  ['this machine by its name', 'https://localhost:6443', { HTTPS_PROXY: PROXY }, undefined],
  ['this machine', 'https://127.0.0.5:6443', { HTTPS_PROXY: PROXY }, undefined],
  ['this machine, version 6', 'https://[::1]:6443', { HTTPS_PROXY: PROXY }, undefined],
  ...covered('*', 'api.example.com', true),
  ...covered('example.com', 'example.com', true),
  ...covered('example.com', 'API.example.com', true),
  ...covered('example.com', 'badexample.com', false),
  ...covered('.example.com', 'api.example.com', true),
  ...covered('.example.com', 'example.com', false),
  ...covered('*.example.com', 'api.example.com', true),
  ...covered('other.com, example.com', 'api.example.com', true),
  ...covered('example.com:443', 'api.example.com', true),
  ...covered('example.com:6443', 'api.example.com', false),
  ...covered('example.com:6443', 'api.example.com:6443', true),
  ...covered('10.0.0.1', '10.0.0.1:6443', true),
  ...covered('0.0.1', '10.0.0.1', false),
  ...covered('10.0.0.0/8', '10.1.2.3', true),
  ...covered('10.0.0.0/8', '11.1.2.3', false),
  ...covered('10.0.0.0/99', '10.1.2.3', false),
  ...covered('10.0.0.0/8', 'api.example.com', false),
  ...covered('fd00::1', '[fd00::1]:6443', true),
  ...covered('fd00::/8', '[fd12::1]', true),
  ...covered('', 'api.example.com', false),
]

/** Whether NO_PROXY keeps a server from the proxy. */
function covered(noProxy: string, server: string, isCovered: boolean): readonly Row[] {
  const env = { HTTPS_PROXY: PROXY, NO_PROXY: noProxy }
  const want = isCovered ? undefined : PROXY
  return [[`${noProxy} and ${server}`, `https://${server}`, env, want]]
}

suite('the proxy to a server', () => {
  for (const [name, server, env, want] of rows) {
    test(name, () => assert.equal(proxyOf(server, env), want))
  }
})
