import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assumptionOf } from '../../../shared/settings/attach-assumption.ts'
import { cluster } from '../../fixtures/routes.ts'

const ROWS = [
  {
    name: 'routes are left as they are',
    flags: { attach: 'carry' },
    want: '--attach=carry assumes that Traefik has http.tls on websecure; without it set --attach=inject, or routes get no HTTPS',
  },
  {
    name: 'routes get TLS',
    flags: {},
    want: '--attach=inject assumes that Traefik has no http.tls on websecure: routes get TLS of their own, with no TLS options; TLS options of the entry point, such as mTLS, do not hold for them',
  },
  {
    name: 'routes get TLS with options',
    flags: { defaultTlsOptions: 'mtls@file' },
    want: '--attach=inject assumes that Traefik has no http.tls on websecure: routes get TLS of their own, with mtls@file alone; TLS options of the entry point, such as mTLS, do not hold for them',
  },
] as const

for (const { name, flags, want } of ROWS) {
  test(`what the server assumes: ${name}`, () =>
    assert.equal(assumptionOf({ ...cluster, ...flags }), want))
}
